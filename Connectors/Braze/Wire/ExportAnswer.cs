using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Braze.Wire;

/// <summary>The answer of <c>/users/export/ids</c>. Ids that nobody has are left out of the users.</summary>
/// <param name="Message"><c>success</c>, or why there are no users; null when it is missing.</param>
/// <param name="Users">The users found.</param>
/// <param name="UnknownIds">Ids that lead to nobody, not even as a former one.</param>
internal sealed record ExportAnswer(string? Message, IReadOnlyList<ExportedUser> Users, IReadOnlySet<string> UnknownIds) : IBrazeBody
{
    public bool NamesRecords => false;

    /// <exception cref="JsonException">The body is not a JSON object of the known shape.</exception>
    public static ExportAnswer Parse(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        var answer = TrackAnswer.Object(document).Clone();
        var message = TrackAnswer.Text(answer, "message");
        if (!answer.TryGetProperty("users"u8, out var users) || users.ValueKind != JsonValueKind.Array)
        {
            return message == TrackAnswer.Success ? throw new JsonException("The answer holds no users.") : new ExportAnswer(message, [], new HashSet<string>());
        }

        var unknown = answer.TryGetProperty("invalid_user_ids"u8, out var ids) && ids.ValueKind == JsonValueKind.Array
            ? ids.EnumerateArray().Where(id => id.ValueKind == JsonValueKind.String).Select(id => id.GetString()!).ToHashSet(StringComparer.Ordinal)
            : [];
        return new ExportAnswer(message, [.. users.EnumerateArray().Select(user => new ExportedUser(user))], unknown);
    }
}

/// <summary>A user as Braze exports it. A field without a value is absent.</summary>
internal sealed class ExportedUser(JsonElement user)
{
    private static readonly JsonElement Nothing = JsonSerializer.Deserialize<JsonElement>("{}");

    /// <summary>The primary external id, also when the user was asked for by a former one; null for the unidentified.</summary>
    public string? ExternalId => TrackAnswer.Text(user, "external_id");

    public string? BrazeId => TrackAnswer.Text(user, "braze_id");

    public string? Email => TrackAnswer.Text(user, "email");

    /// <summary>The global state of e-mail.</summary>
    public string? EmailSubscribe => TrackAnswer.Text(user, "email_subscribe");

    public IEnumerable<ProfileAlias> Aliases
        => user.TryGetProperty("user_aliases"u8, out var aliases) && aliases.ValueKind == JsonValueKind.Array
            ? aliases.EnumerateArray().Select(alias => new ProfileAlias(TrackAnswer.Text(alias, "alias_label") ?? "", TrackAnswer.Text(alias, "alias_name") ?? ""))
            : [];

    /// <summary>A standard field, custom attribute or part of one as JSON text, or null when it has no value; of an element of an array whether it is in it.</summary>
    public string? Field(string name, bool isStandard)
    {
        if (isStandard)
        {
            return Value(user, name);
        }

        return FieldAddress.IsPart(name) ? BrazeParts.Read(Attributes, BrazeParts.AddressOf(name)) : Value(Attributes, name);
    }

    /// <summary>All custom attributes that have a value, and what objects and arrays among them hold, as JSON text by name.</summary>
    public IEnumerable<KeyValuePair<string, string>> CustomAttributes
        => Attributes.EnumerateObject().Where(attribute => attribute.Value.ValueKind != JsonValueKind.Null)
            .SelectMany(attribute => BrazeParts.In(attribute.Name, attribute.Value).Prepend(KeyValuePair.Create(attribute.Name, attribute.Value.GetRawText())));

    private JsonElement Attributes => user.TryGetProperty("custom_attributes"u8, out var attributes) && attributes.ValueKind == JsonValueKind.Object ? attributes : Nothing;

    /// <summary>When events of a name, or purchases of a product, happened first and last; null when none is counted.</summary>
    public (DateTimeOffset First, DateTimeOffset Last)? Happened(Behavior happened)
    {
        var (list, name) = happened.Purchase is { } bought ? ("purchases", bought.ProductId) : ("custom_events", happened.Name);
        var counted = user.TryGetProperty(list, out var all) && all.ValueKind == JsonValueKind.Array ? all.EnumerateArray().Where(one => TrackAnswer.Text(one, "name") == name).ToArray() : [];
        return counted is [] ? null : (counted.Min(one => one.GetProperty("first"u8).GetDateTimeOffset()), counted.Max(one => one.GetProperty("last"u8).GetDateTimeOffset()));
    }

    private static string? Value(JsonElement holder, string name)
        => holder.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.GetRawText() : null;
}
