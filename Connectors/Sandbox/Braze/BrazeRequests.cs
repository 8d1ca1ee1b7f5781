using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary>Reads what requests have in common.</summary>
internal static class BrazeRequests
{
    public const int MaxIds = 50;

    public const string TooMany = "The max number of ids per request was exceeded";

    /// <summary>Objects of an array; anything else in it is left out.</summary>
    public static List<JsonElement> Objects(JsonElement request, string name)
        => Array(request, name) is { } items ? [.. items.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object)] : [];

    /// <summary>Texts of an array, or a single text.</summary>
    public static List<string> Texts(JsonElement request, string name)
        => Array(request, name) is { } items ? [.. items.EnumerateArray().Select(Spelled)]
            : Text(request, name) is { } one ? [one]
            : [];

    public static string? Text(JsonElement request, string name)
        => request.ValueKind == JsonValueKind.Object && request.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static BrazeAlias? Alias(JsonElement alias)
        => Text(alias, "alias_name") is { } name && Text(alias, "alias_label") is { } label ? new BrazeAlias(label, name) : null;

    /// <summary>Whom an object is about, or null when it does not say.</summary>
    public static BrazeWho? Who(JsonElement item)
    {
        var alias = item.ValueKind == JsonValueKind.Object && item.TryGetProperty("user_alias"u8, out var given) ? Alias(given) : null;
        var who = new BrazeWho
        {
            ExternalId = Text(item, "external_id"),
            Alias = alias,
            BrazeId = Text(item, "braze_id"),
            Email = Text(item, "email"),
            Phone = Text(item, "phone"),
            Prioritization = Texts(item, "prioritization"),
        };
        return who is { ExternalId: null, Alias: null, BrazeId: null, Email: null, Phone: null } ? null : who;
    }

    public static string Spelled(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static JsonElement? Array(JsonElement request, string name)
        => request.ValueKind == JsonValueKind.Object && request.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array ? items : null;
}

internal static class BrazeAnswers
{
    public static void Fail(SandboxCall call, int status, string message)
    {
        call.Status = status;
        var json = call.WriteJson();
        json.WriteStartObject();
        json.WriteString("message"u8, message);
        json.WriteEndObject();
    }

    /// <summary>Answers that the request was taken, with what the endpoint adds.</summary>
    public static void Succeed(SandboxCall call, int status, Action<Utf8JsonWriter>? more = null)
    {
        call.Status = status;
        var json = call.WriteJson();
        json.WriteStartObject();
        more?.Invoke(json);
        if (call.Fault?.Variant == BrazeFaults.ErrorsWithoutIndex)
        {
            json.WriteStartArray("errors"u8);
            json.WriteStringValue("Some data could not be processed"u8);
            json.WriteEndArray();
        }

        if (call.Fault?.Variant != BrazeFaults.NoMessage)
        {
            json.WriteString("message"u8, "success"u8);
        }

        json.WriteEndObject();
    }
}
