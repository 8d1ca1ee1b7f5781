using System.Text.Json;

namespace IntegrationHub.Connectors.Braze.Wire;

/// <summary>The answer of <c>/users/external_ids/rename</c> and <c>/users/external_ids/remove</c>.</summary>
/// <param name="Message"><c>success</c>, also when single entries failed.</param>
/// <param name="Done">The ids that were given or forgotten.</param>
/// <param name="Errors">Texts by index in the request.</param>
internal sealed record IdsAnswer(string? Message, IReadOnlySet<string> Done, IReadOnlyDictionary<int, string> Errors) : IBrazeBody
{
    public bool NamesRecords => Errors.Count > 0;

    /// <exception cref="JsonException">The body is not a JSON object.</exception>
    public static IdsAnswer Parse(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        var answer = TrackAnswer.Object(document);
        var done = Array(answer, "external_ids").Concat(Array(answer, "removed_ids"))
            .Where(id => id.ValueKind == JsonValueKind.String)
            .Select(id => id.GetString()!)
            .ToHashSet(StringComparer.Ordinal);
        var errors = new Dictionary<int, string>();
        foreach (var entry in Array(answer, "rename_errors").Concat(Array(answer, "removal_errors")))
        {
            if (IndexOf(entry) is { } index)
            {
                errors[index] = TextOf(entry) ?? "";
            }
        }

        return new IdsAnswer(TrackAnswer.Text(answer, "message"), done, errors);
    }

    /// <summary>An error is an array of a text and the index; no page says in which order.</summary>
    private static int? IndexOf(JsonElement entry) => entry.ValueKind == JsonValueKind.Array
        ? entry.EnumerateArray().Where(part => part.ValueKind == JsonValueKind.Number && part.TryGetInt32(out _)).Select(part => (int?)part.GetInt32()).FirstOrDefault()
        : null;

    private static string? TextOf(JsonElement entry)
        => entry.EnumerateArray().Where(part => part.ValueKind == JsonValueKind.String).Select(part => part.GetString()).FirstOrDefault();

    private static JsonElement[] Array(JsonElement answer, string name)
        => answer.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array ? [.. items.EnumerateArray()] : [];
}
