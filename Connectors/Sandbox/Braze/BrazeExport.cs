using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary><c>POST /users/export/ids</c>: reads people back.</summary>
internal sealed class BrazeExport(BrazePeople people)
{
    private const int MaxIds = 50;

    private static readonly HashSet<string> StandardFields =
    [
        "country", "dob", "email", "email_subscribe", "first_name", "gender", "home_city", "language", "last_name", "phone", "push_subscribe",
        "time_zone",
    ];

    public void Serve(SandboxCall call)
    {
        JsonDocument request;
        try
        {
            request = JsonDocument.Parse(call.Body);
        }
        catch (JsonException)
        {
            BrazeAnswers.Fail(call, 400, "Bad Request");
            return;
        }

        using (request)
        {
            var externalIds = Texts(request.RootElement, "external_ids");
            call.Records = externalIds.Count;
            if (externalIds.Count > MaxIds)
            {
                BrazeAnswers.Fail(call, 400, "The max number of external_ids and aliases per request was exceeded");
                return;
            }

            var fields = Texts(request.RootElement, "fields_to_export").ToHashSet();
            if (fields.Count == 0)
            {
                BrazeAnswers.Fail(call, 400, "'fields_to_export' is required");
                return;
            }

            Serve(call, externalIds, request.RootElement.TryGetProperty("email_address"u8, out var email) ? email.GetString() : null, fields);
        }
    }

    private void Serve(SandboxCall call, List<string> externalIds, string? email, HashSet<string> fields)
    {
        var json = call.WriteJson();
        var unknown = new List<string>();
        json.WriteStartObject();
        json.WriteString("message"u8, "success"u8);
        json.WriteStartArray("users"u8);
        foreach (var externalId in externalIds)
        {
            if (people.TryGet(externalId, out var person))
            {
                Write(json, person, fields);
            }
            else
            {
                unknown.Add(externalId);
            }
        }

        if (email is not null)
        {
            call.Records++;
            foreach (var person in people.WithEmail(email))
            {
                Write(json, person, fields);
            }
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
        if (person.ExternalId is { } externalId && fields.Contains("external_id"))
        {
            json.WriteString("external_id"u8, externalId);
        }

        if (fields.Contains("braze_id"))
        {
            json.WriteString("braze_id"u8, person.BrazeId);
        }

        if (person.Email is { } email && fields.Contains("email"))
        {
            json.WriteString("email"u8, email);
        }

        var values = PackedFields.All(person.Fields, people.Names).ToList();
        foreach (var (name, value) in values.Where(field => field.Key != "email" && StandardFields.Contains(field.Key) && fields.Contains(field.Key)))
        {
            json.WritePropertyName(name);
            json.WriteRawValue(value, skipInputValidation: true);
        }

        if (fields.Contains("custom_attributes") && values.Exists(field => !StandardFields.Contains(field.Key)))
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

    private static List<string> Texts(JsonElement request, string name)
        => request.ValueKind == JsonValueKind.Object && request.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array
            ? [.. items.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : item.GetRawText())]
            : [];
}
