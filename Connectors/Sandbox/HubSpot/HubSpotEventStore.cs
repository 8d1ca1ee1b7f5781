using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>
/// Custom events. 204 with nothing in it says that a call was well-formed: an event of a contact that nobody has is dropped, and of
/// events of one kind with one uuid the first is kept. Thread-safe.
/// </summary>
internal sealed partial class HubSpotEventStore(HubSpotContactStore contacts, HubSpotSchema schema, TimeProvider time)
{
    private const int MaxInputs = 500;
    private const int MaxProperties = 50;

    /// <summary>HubSpot publishes no number.</summary>
    private const int DefinitionsPerPage = 100;

    private static readonly TimeSpan UuidsAreKept = TimeSpan.FromDays(365);

    private readonly List<Occurrence> _occurrences = [];
    private readonly Dictionary<(string Name, string Uuid), DateTimeOffset> _uuids = [];

    /// <summary>The kinds of event that the account defines: their properties by full name.</summary>
    public SortedDictionary<string, IReadOnlyList<string>> Definitions { get; } = new(DefinedAtFirst, StringComparer.Ordinal);

    private static Dictionary<string, IReadOnlyList<string>> DefinedAtFirst => new()
    {
        [$"{Before}purchase"] = ["product_id", "currency", "price", "quantity"], [$"{Before}page_view"] = ["page"], [$"{Before}product_viewed"] = ["product_id", "category", "price"],
    };

    private static string Before => $"pe{HubSpotAnswers.PortalId}_";

    public void Clear()
    {
        _occurrences.Clear();
        _uuids.Clear();
        Definitions.Clear();
        foreach (var (name, properties) in DefinedAtFirst)
        {
            Definitions[name] = properties;
        }
    }

    public IReadOnlyList<SandboxBehavior> All()
    {
        lock (contacts.Gate)
        {
            return [.. _occurrences.Select(happened => new SandboxBehavior(happened.Name, happened.Uuid,
                contacts.TryGetById(happened.ContactId, out var contact) ? contacts.Describe(contact, []).Keys : new Dictionary<string, string>()))];
        }
    }

    public void Send(SandboxCall call)
    {
        if (HubSpotContactReads.TryParse(call, out var request))
        {
            using (request)
            {
                Take(call, [request.RootElement]);
            }
        }
    }

    public void SendMany(SandboxCall call)
    {
        if (HubSpotContactReads.TryParse(call, out var request))
        {
            using (request)
            {
                Take(call, request.RootElement.TryGetProperty("inputs"u8, out var inputs) && inputs.ValueKind == JsonValueKind.Array ? [.. inputs.EnumerateArray()] : []);
            }
        }
    }

    /// <summary>The definitions in pages; what an event may tell only where <c>includeProperties</c> asks for it.</summary>
    public void ListDefinitions(SandboxCall call)
    {
        var query = call.Http.Request.Query;
        var limit = int.TryParse(query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var asked) && asked > 0 ? asked : DefinitionsPerPage;
        List<KeyValuePair<string, IReadOnlyList<string>>> rest;
        int total;
        lock (contacts.Gate)
        {
            total = Definitions.Count;
            rest = [.. Definitions.Where(definition => string.CompareOrdinal(definition.Key, query["after"]) > 0)];
        }

        var json = call.WriteJson();
        json.WriteStartObject();
        json.WriteNumber("total"u8, total);
        json.WriteStartArray("results"u8);
        foreach (var (name, properties) in rest.Take(limit))
        {
            Write(json, name, query["includeProperties"] == "true" ? properties : []);
        }

        json.WriteEndArray();
        if (rest.Count > limit)
        {
            json.WriteStartObject("paging"u8);
            json.WriteStartObject("next"u8);
            json.WriteString("after"u8, rest[limit - 1].Key);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<string> properties)
    {
        json.WriteStartObject();
        json.WriteString("fullyQualifiedName"u8, name);
        json.WriteString("name"u8, name[(name.IndexOf('_', StringComparison.Ordinal) + 1)..]);
        json.WriteBoolean("archived"u8, false);
        json.WriteString("primaryObject"u8, "CONTACT"u8);
        json.WriteStartArray("properties"u8);
        foreach (var property in properties)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, property);
            json.WriteString("label"u8, property);
            json.WriteString("type"u8, "string"u8);
            json.WriteBoolean("archived"u8, false);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The occurrences of one contact.</summary>
    public void Read(SandboxCall call)
    {
        var query = call.Http.Request.Query;
        var json = call.WriteJson();
        json.WriteStartObject();
        json.WriteStartArray("results"u8);
        lock (contacts.Gate)
        {
            var asked = long.TryParse(query["objectId"], NumberStyles.None, CultureInfo.InvariantCulture, out var id) && contacts.TryGetById(id, out var contact) ? contact : -1;
            foreach (var happened in _occurrences)
            {
                if (asked >= 0 && contacts.TryGetById(happened.ContactId, out var whose) && whose == asked)
                {
                    json.WriteStartObject();
                    json.WriteString("objectType"u8, "CONTACT"u8);
                    json.WriteString("objectId"u8, HubSpotContactStore.IdOf(whose).ToString(CultureInfo.InvariantCulture));
                    json.WriteString("eventType"u8, happened.Name);
                    json.WriteString("occurredAt"u8, happened.At.UtcDateTime.ToString(HubSpotContactWrites.TimeFormat, CultureInfo.InvariantCulture));
                    json.WriteString("id"u8, happened.Uuid);
                    json.WriteEndObject();
                }
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Take(SandboxCall call, List<JsonElement> inputs)
    {
        call.Records = inputs.Count;
        if (inputs.Count is 0 or > MaxInputs)
        {
            HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", $"The number of events must be between 1 and {MaxInputs}, was {inputs.Count}");
            return;
        }

        if (inputs.Select(Refuses).FirstOrDefault(static refusal => refusal is not null) is { } problem)
        {
            HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", problem);
            return;
        }

        lock (contacts.Gate)
        {
            inputs.ForEach(Keep);
        }

        call.Status = 204;
    }

    private void Keep(JsonElement input)
    {
        var (name, uuid) = (Text(input, "eventName")!, Text(input, "uuid") ?? $"unnamed-{_occurrences.Count}");
        var now = time.GetUtcNow();
        if ((_uuids.TryGetValue((name, uuid), out var kept) && now - kept < UuidsAreKept) || !TryFind(input, out var contact))
        {
            return;
        }

        _uuids[(name, uuid)] = now;
        var at = Text(input, "occurredAt") is { } told ? DateTimeOffset.Parse(told, CultureInfo.InvariantCulture) : now;
        _occurrences.Add(new Occurrence(name, uuid, HubSpotContactStore.IdOf(contact), at));
    }

    private bool TryFind(JsonElement input, out int contact)
    {
        contact = -1;
        if (Text(input, "objectId") is { } id)
        {
            return long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && contacts.TryGetById(number, out contact);
        }

        if (Text(input, "email") is { } email)
        {
            contact = contacts.Find(schema.Email, HubSpotInputs.Normal(schema.Email, HubSpotInputs.Json(email)).Span);
        }

        return contact >= 0;
    }

    private string? Refuses(JsonElement input)
    {
        var name = Text(input, "eventName");
        if (name is null || !NameShape().IsMatch(name) || !Definitions.ContainsKey(name))
        {
            return $"The event {name} is not defined";
        }

        if (Text(input, "objectId") is null && Text(input, "email") is null && Text(input, "utk") is null)
        {
            return "An event needs objectId, email or utk";
        }

        if (Text(input, "occurredAt") is { } at && !DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
        {
            return $"{at} is not a time";
        }

        if (!input.TryGetProperty("properties"u8, out var properties) || properties.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var all = properties.EnumerateObject().ToList();
        return all.Count > MaxProperties ? $"An event may have {MaxProperties} properties"
            : all.Exists(static property => property.Value.ValueKind == JsonValueKind.String && property.Value.GetString()!.Length > MaxLength(property.Name))
                ? "The value of a property is too long"
            : null;
    }

    private static int MaxLength(string property) => property.EndsWith("url", StringComparison.Ordinal) || property.EndsWith("referrer", StringComparison.Ordinal) ? 1_024 : 256;

    private static string? Text(JsonElement input, string name) => HubSpotIdentityEndpoints.Text(input, name);

    [GeneratedRegex(@"^pe[0-9]+_[a-z][a-z0-9_]*\z")]
    private static partial Regex NameShape();

    private sealed record Occurrence(string Name, string Uuid, long ContactId, DateTimeOffset At);
}
