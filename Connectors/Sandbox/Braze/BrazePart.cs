using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary>A change of part of a custom attribute: elements of an array, or properties of an object with <c>_merge_objects</c>. What becomes of it depends on what the person has when it is applied.</summary>
/// <param name="Name">Number of the attribute's name.</param>
/// <param name="Json">What was sent as its value.</param>
/// <param name="IsArray">True for elements.</param>
internal sealed record BrazePart(ushort Name, byte[] Json, bool IsArray)
{
    private const int MaxObjectBytes = 100 * 1024;

    /// <summary>True for <c>{"add": [...], "remove": [...]}</c>, or one of them.</summary>
    public static bool IsArrayOperation(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Any()
        && value.EnumerateObject().All(static property => property.Name is "add" or "remove" && property.Value.ValueKind == JsonValueKind.Array);

    /// <summary>The attribute's value afterwards.</summary>
    /// <param name="current">Its value before; empty for none.</param>
    /// <returns>Null when nothing changes.</returns>
    public byte[]? After(ReadOnlySpan<byte> current)
    {
        var before = current.IsEmpty ? null : JsonNode.Parse(current);
        var update = JsonNode.Parse(Json)!.AsObject();
        if (IsArray)
        {
            return before is null or JsonArray ? Elements(before as JsonArray, update) : null;
        }

        var merged = before is JsonObject known ? Merge(known, update) : update;
        return Encoding.UTF8.GetBytes(merged.ToJsonString()) is { Length: <= MaxObjectBytes } bytes ? bytes : null;
    }

    /// <summary>Added ones stand at the end, also those that were there; past the maximum the oldest go.</summary>
    private static byte[]? Elements(JsonArray? before, JsonObject update)
    {
        var elements = (before ?? []).Select(Text).ToList();
        foreach (var added in Of(update, "add"))
        {
            elements.RemoveAll(element => element == added);
            elements.Add(added);
        }

        elements.RemoveAll(Of(update, "remove").Contains);
        return before is null && elements.Count == 0 ? null : Encoding.UTF8.GetBytes($"[{string.Join(',', elements.TakeLast(BrazeValues.MaxElements))}]");
    }

    private static List<string> Of(JsonObject update, string operation) => [.. (update[operation]?.AsArray() ?? []).Select(Text)];

    private static string Text(JsonNode? element) => element?.ToJsonString() ?? "null";

    /// <summary>On all levels, as the page says; a time is a value.</summary>
    private static JsonObject Merge(JsonObject into, JsonObject update)
    {
        foreach (var (name, value) in update)
        {
            into[name] = value is JsonObject below && !below.ContainsKey(BrazeValues.Time) && into[name] is JsonObject known ? Merge((JsonObject)known.DeepClone(), below) : value?.DeepClone();
        }

        return into;
    }
}
