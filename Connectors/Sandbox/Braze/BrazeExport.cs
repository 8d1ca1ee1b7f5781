using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary><c>POST /users/export/ids</c>: reads people back.</summary>
internal sealed class BrazeExport(BrazePeople people, TimeProvider time)
{
    private static readonly string[] SingleIds = ["device_id", "braze_id", "email_address", "phone"];

    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    private static readonly HashSet<string> StandardFields =
    [
        "country", "dob", "email", "email_subscribe", "first_name", "gender", "home_city", "language", "last_name", "phone", "push_subscribe",
        "time_zone",
    ];

    /// <summary>False for accounts from before August 2024, which get everything when they name no fields.</summary>
    public bool FieldsAreRequired { get; set; } = true;

    public void Serve(SandboxCall call, JsonElement request)
    {
        var externalIds = BrazeRequests.Texts(request, "external_ids");
        var aliases = BrazeRequests.Objects(request, "user_aliases");
        var others = SingleIds.Where(name => BrazeRequests.Text(request, name) is not null).ToArray();
        call.Records = externalIds.Count + aliases.Count + others.Length;
        if (externalIds.Count + aliases.Count > BrazeRequests.MaxIds)
        {
            BrazeAnswers.Fail(call, 400, "The max number of external_ids and aliases per request was exceeded");
            return;
        }

        if (others.Count(name => name != "braze_id") > 1)
        {
            BrazeAnswers.Fail(call, 400, "Only one of 'device_id', 'email_address' and 'phone' may be given");
            return;
        }

        var fields = BrazeRequests.Texts(request, "fields_to_export").ToHashSet();
        if (fields.Count == 0 && FieldsAreRequired)
        {
            BrazeAnswers.Fail(call, 400, "'fields_to_export' is required");
            return;
        }

        lock (people.Gate)
        {
            var found = new List<BrazePerson>();
            var unknown = externalIds.Where(id => people.ByExternalId(id) is null).ToList();
            found.AddRange(externalIds.Select(people.ByExternalId).OfType<BrazePerson>());
            found.AddRange(aliases.Select(BrazeRequests.Alias).OfType<BrazeAlias>().Select(alias => people.Find(new BrazeWho { Alias = alias })).OfType<BrazePerson>());
            found.AddRange(BrazeRequests.Text(request, "email_address") is { } email ? people.WithEmail(email) : []);
            found.AddRange(BrazeRequests.Text(request, "phone") is { } phone ? people.WithPhone(phone) : []);
            found.AddRange(BrazeRequests.Text(request, "braze_id") is { } id && people.Find(new BrazeWho { BrazeId = id }) is { } person ? [person] : []);
            Answer(call, found.Distinct(), unknown, fields);
        }
    }

    private void Answer(SandboxCall call, IEnumerable<BrazePerson> found, List<string> unknown, HashSet<string> fields)
    {
        var json = call.WriteJson();
        json.WriteStartObject();
        json.WriteString("message"u8, "success"u8);
        json.WriteStartArray("users"u8);
        foreach (var person in found)
        {
            Write(json, person, fields);
        }

        json.WriteEndArray();
        if (unknown.Count > 0)
        {
            json.WriteStartArray("invalid_user_ids"u8);
            unknown.ForEach(json.WriteStringValue);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private void Write(Utf8JsonWriter json, BrazePerson person, HashSet<string> fields)
    {
        json.WriteStartObject();
        WriteText(json, "external_id", person.ExternalId, fields);
        WriteText(json, "braze_id", person.BrazeId, fields);
        WriteText(json, "email", person.Email, fields);
        WriteText(json, "email_subscribe", person.EmailState, fields);
        var values = PackedFields.All(person.Fields, people.Names).ToList();
        foreach (var (name, value) in values.Where(field => field.Key != "email" && StandardFields.Contains(field.Key) && IsAsked(field.Key, fields)))
        {
            json.WritePropertyName(name);
            json.WriteRawValue(value, skipInputValidation: true);
        }

        if (IsAsked("user_aliases", fields) && person.Aliases.Count > 0)
        {
            json.WriteStartArray("user_aliases"u8);
            foreach (var alias in person.Aliases)
            {
                json.WriteStartObject();
                json.WriteString("alias_name"u8, alias.Name);
                json.WriteString("alias_label"u8, alias.Label);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        WriteCounts(json, person, "custom_events", isPurchase: false, fields);
        WriteCounts(json, person, "purchases", isPurchase: true, fields);
        if (IsAsked("custom_attributes", fields) && values.Exists(field => !StandardFields.Contains(field.Key)))
        {
            json.WriteStartObject("custom_attributes"u8);
            foreach (var (name, value) in values.Where(field => !StandardFields.Contains(field.Key)))
            {
                json.WritePropertyName(name);
                json.WriteRawValue(value, skipInputValidation: true);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>What happened in the last 90 days, summed up by name.</summary>
    private void WriteCounts(Utf8JsonWriter json, BrazePerson person, string field, bool isPurchase, HashSet<string> fields)
    {
        var counts = person.Counts.Where(count => count.Key.IsPurchase == isPurchase && count.Value.Last > time.GetUtcNow() - Kept).ToArray();
        if (!IsAsked(field, fields) || counts.Length == 0)
        {
            return;
        }

        json.WriteStartArray(field);
        foreach (var ((_, name), count) in counts)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, name);
            json.WriteString("first"u8, Spelled(count.First));
            json.WriteString("last"u8, Spelled(count.Last));
            json.WriteNumber("count"u8, count.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? value, HashSet<string> fields)
    {
        if (value is not null && IsAsked(name, fields))
        {
            json.WriteString(name, value);
        }
    }

    private static bool IsAsked(string name, HashSet<string> fields) => fields.Count == 0 || fields.Contains(name);

    private static string Spelled(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
