using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>
/// Search over living contacts. Its index lags: a contact that was written a moment ago is not found. Sorted by record id, or by
/// <c>lastmodifieddate</c>.
/// </summary>
internal sealed class HubSpotSearch(HubSpotContactStore contacts, HubSpotSchema schema, HubSpotContactReads reads, TimeProvider time)
{
    private const int MaxPage = 200;
    private const int MaxResults = 10_000;
    private const int MaxBody = 3_000;
    private const int MaxGroups = 5;
    private const int MaxFilters = 6;

    public TimeSpan Lag { get; set; } = TimeSpan.FromSeconds(5);

    public void Search(SandboxCall call)
    {
        if (call.Body.Length > MaxBody)
        {
            HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", $"The request is longer than {MaxBody} characters");
            return;
        }

        if (!HubSpotContactReads.TryParse(call, out var request))
        {
            return;
        }

        using (request)
        {
            var body = request.RootElement;
            var limit = Number(body, "limit", 10);
            var after = Number(body, "after", 0);
            var groups = Array(body, "filterGroups").Select(static group => Array(group, "filters").ToList()).ToList();
            var problem = limit is < 1 or > MaxPage ? $"limit must be between 1 and {MaxPage}"
                : after + limit > MaxResults ? $"A query gives at most {MaxResults} results"
                : groups.Count > MaxGroups || groups.Exists(static group => group.Count > MaxFilters) ? $"There may be {MaxGroups} filter groups with {MaxFilters} filters each"
                : groups.SelectMany(static group => group).Select(Refuses).FirstOrDefault(static refusal => refusal is not null);
            if (problem is not null)
            {
                HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", problem);
                return;
            }

            lock (contacts.Gate)
            {
                Answer(call, body, groups, limit, after);
            }
        }
    }

    private void Answer(SandboxCall call, JsonElement body, List<List<JsonElement>> groups, int limit, int after)
    {
        var visible = time.GetUtcNow().UtcDateTime - Lag;
        var found = contacts.Living().Where(contact => contacts.Updated(contact) <= visible && (groups.Count == 0 || groups.Exists(group => group.TrueForAll(filter => Matches(contact, filter)))));
        if (Array(body, "sorts").FirstOrDefault() is { ValueKind: JsonValueKind.Object } sort && HubSpotIdentityEndpoints.Text(sort, "propertyName") == "lastmodifieddate")
        {
            found = HubSpotIdentityEndpoints.Text(sort, "direction") == "DESCENDING" ? found.OrderByDescending(contacts.Updated) : found.OrderBy(contacts.Updated);
        }

        var all = found.ToList();
        var json = call.WriteJson();
        json.WriteStartObject();
        json.WriteNumber("total"u8, all.Count);
        json.WriteStartArray("results"u8);
        foreach (var contact in all.Skip(after).Take(limit))
        {
            reads.Write(json, contact, HubSpotContactReads.Texts(body, "properties", null));
        }

        json.WriteEndArray();
        if (all.Count > after + limit)
        {
            json.WriteStartObject("paging"u8);
            json.WriteStartObject("next"u8);
            json.WriteString("after"u8, (after + limit).ToString(CultureInfo.InvariantCulture));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private bool Matches(int contact, JsonElement filter)
    {
        var value = ValueOf(contact, HubSpotIdentityEndpoints.Text(filter, "propertyName")!);
        var wanted = HubSpotIdentityEndpoints.Text(filter, "value");
        return HubSpotIdentityEndpoints.Text(filter, "operator") switch
        {
            "HAS_PROPERTY" => value is not null,
            "NOT_HAS_PROPERTY" => value is null,
            "EQ" => string.Equals(value, wanted, StringComparison.OrdinalIgnoreCase),
            "NEQ" => !string.Equals(value, wanted, StringComparison.OrdinalIgnoreCase),
            "IN" => HubSpotContactReads.Texts(filter, "values", null).Contains(value, StringComparer.OrdinalIgnoreCase),
            "NOT_IN" => !HubSpotContactReads.Texts(filter, "values", null).Contains(value, StringComparer.OrdinalIgnoreCase),
            "CONTAINS_TOKEN" => value?.Contains(wanted?.Trim('*') ?? "", StringComparison.OrdinalIgnoreCase) == true,
            "LT" => Compare(value, wanted) < 0,
            "LTE" => Compare(value, wanted) <= 0,
            "GT" => Compare(value, wanted) > 0,
            "GTE" => Compare(value, wanted) >= 0,
            "BETWEEN" => Compare(value, wanted) >= 0 && Compare(value, HubSpotIdentityEndpoints.Text(filter, "highValue")) <= 0,
            _ => false,
        };
    }

    private string? Refuses(JsonElement filter)
    {
        var name = HubSpotIdentityEndpoints.Text(filter, "propertyName");
        return name is null || schema.Find(name) is null ? $"There is no property {name}"
            : HubSpotIdentityEndpoints.Text(filter, "operator") is "HAS_PROPERTY" or "NOT_HAS_PROPERTY" or "EQ" or "NEQ" or "IN" or "NOT_IN" or "CONTAINS_TOKEN"
                or "LT" or "LTE" or "GT" or "GTE" or "BETWEEN" ? null
            : "The operator is not known";
    }

    private string? ValueOf(int contact, string name) => name switch
    {
        "hs_object_id" => HubSpotContactStore.IdOf(contact).ToString(CultureInfo.InvariantCulture),
        "lastmodifieddate" => Milliseconds(contacts.Updated(contact)),
        "createdate" => Milliseconds(contacts.Created(contact)),
        _ => PackedFields.TryGet(contacts.Fields(contact), schema.Find(name)!.Id, out var json) ? JsonSerializer.Deserialize<string>(json) : null,
    };

    private static int? Compare(string? value, string? wanted)
        => value is null || wanted is null ? null
            : decimal.TryParse(value, CultureInfo.InvariantCulture, out var left) && decimal.TryParse(wanted, CultureInfo.InvariantCulture, out var right) ? left.CompareTo(right)
            : string.CompareOrdinal(value, wanted);

    private static string Milliseconds(DateTime at) => new DateTimeOffset(at, TimeSpan.Zero).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    private static int Number(JsonElement body, string name, int otherwise)
        => HubSpotIdentityEndpoints.Text(body, name) is { } text ? int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1 : otherwise;

    private static JsonElement.ArrayEnumerator Array(JsonElement body, string name)
        => body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : default;
}
