using System.Text.Json;
using System.Text.Json.Nodes;

namespace IntegrationHub.Hub.Intake.Quarantine;

/// <summary>
/// A fact with what could tell of a person replaced by its kind: enough to see what is wrong with it. Open are words in the fields of the
/// envelope and those that name purposes, audiences and events; everything else is masked, wherever it stands. Pure.
/// </summary>
internal static class MaskedFact
{
    private const int LongestWord = 64;
    private const string CloudEventData = "data.";

    private static readonly HashSet<string> _open = new(StringComparer.Ordinal)
    {
        "event_id", "event_type", "schema_version", "occurred_at", "producer", "tenant_id", "consent.source", "consent.checked_at",
        "specversion", "id", "source", "type", "time", "dataschema", "datacontenttype", "tenantid",
        "payload.purpose", "payload.status", "payload.source", "payload.audience", "payload.is_member", "payload.name", "payload.purchase.currency", "payload.purchase.quantity",
    };

    /// <summary>The fact, without an envelope of the bus; null when the message is no JSON object.</summary>
    public static JsonObject? Of(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            var root = json.RootElement;
            var fact = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("messageType", out _) && root.TryGetProperty("message", out var message) ? message : root;
            return fact.ValueKind == JsonValueKind.Object ? Mask(fact, "") : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonObject Mask(JsonElement fact, string path)
    {
        var masked = new JsonObject();
        foreach (var property in fact.EnumerateObject())
        {
            var name = Read(() => property.Name) is { } read && IsWord(read) ? read : "…";
            masked[name] = Mask(property.Value, path + name, masked.ContainsKey(name));
        }

        return masked;
    }

    private static JsonNode? Mask(JsonElement value, string path, bool isRepeated) => value.ValueKind switch
    {
        _ when isRepeated => "(named more than once)",
        JsonValueKind.Object => Mask(value, path + "."),
        JsonValueKind.Array => $"(list of {value.GetArrayLength()})",
        JsonValueKind.Null => null,
        JsonValueKind.String => MaskText(Read(value.GetString), path),
        JsonValueKind.Number => IsOpen(path) && IsWord(value.GetRawText()) ? JsonNode.Parse(value.GetRawText()) : "(number)",
        _ => IsOpen(path) ? value.GetBoolean() : "(true or false)",
    };

    private static JsonNode MaskText(string? text, string path) => text switch
    {
        null => "(text that cannot be read)",
        _ when IsOpen(path) && IsWord(text) => text,
        _ => $"(text, {text.Length} characters)",
    };

    private static bool IsOpen(string path)
    {
        var field = path.StartsWith(CloudEventData, StringComparison.Ordinal) ? path[CloudEventData.Length..] : path;
        return _open.Contains(field) || field.StartsWith("consent.purposes.", StringComparison.Ordinal);
    }

    /// <summary>A name, a code or a time; an address is none, and neither is a name with a space.</summary>
    private static bool IsWord(string text) =>
        text.Length is > 0 and <= LongestWord && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '.' or ':' or '+' or '$');

    private static string? Read(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return null; // half a surrogate pair
        }
    }
}
