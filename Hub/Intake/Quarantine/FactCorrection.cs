using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace IntegrationHub.Hub.Intake.Quarantine;

/// <summary>Corrects single fields of a fact, so that nobody has to see or send the rest of it. Pure.</summary>
internal static class FactCorrection
{
    /// <summary>The corrected message, in its envelope when it had one; null when the message is not one whose fields can be named.</summary>
    /// <param name="body">The message.</param>
    /// <param name="fields">New values by path, for example <c>payload.status</c>; null takes a field away.</param>
    public static byte[]? Apply(ReadOnlyMemory<byte> body, IReadOnlyDictionary<string, JsonElement> fields)
    {
        try
        {
            var bytes = body.Span.StartsWith("\uFEFF"u8) ? body.Span[3..] : body.Span;
            var root = JsonNode.Parse(bytes, documentOptions: new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip }) as JsonObject;
            var fact = root?["messageType"] is JsonArray && root["message"] is JsonObject message ? message : root;
            if (root is null || fact is null)
            {
                return null;
            }

            foreach (var (path, value) in fields)
            {
                Set(fact, path, value);
            }

            return Encoding.UTF8.GetBytes(root.ToJsonString());
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            return null; // no JSON, a property twice, half a surrogate pair in a name
        }
    }

    /// <summary>A name may hold dots itself: what is there goes before what a path would make.</summary>
    private static void Set(JsonObject owner, string path, JsonElement value)
    {
        var dot = path.IndexOf('.', StringComparison.Ordinal);
        if (dot <= 0 || owner.ContainsKey(path))
        {
            owner[path] = value.ValueKind == JsonValueKind.Null ? null : JsonNode.Parse(value.GetRawText());
            return;
        }

        if (owner[path[..dot]] is not JsonObject child)
        {
            owner[path[..dot]] = child = [];
        }

        Set(child, path[(dot + 1)..], value);
    }
}
