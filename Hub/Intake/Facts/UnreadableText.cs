using System.Text.Json;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>Texts in JSON that no database and no vendor takes: half a surrogate pair, a NUL character.</summary>
internal static class UnreadableText
{
    /// <summary>The first such text, a name or a value anywhere in the fact, or null.</summary>
    /// <param name="body">The bytes of the fact, valid UTF-8.</param>
    /// <param name="fact">The same, parsed.</param>
    public static FactDefect? Find(ReadOnlySpan<byte> body, JsonElement fact) =>
        body.IndexOf("\\u"u8) < 0 ? null : Find(fact, ""); // Both can only be written as escapes.

    /// <summary>A text that can be read, else null.</summary>
    public static string? TryRead(JsonElement text) => TryRead(text.GetString);

    /// <summary>A text that can be read, without the NUL characters in it; null for what is no text, or holds half a surrogate pair.</summary>
    public static string? TryReadAround(JsonElement text)
    {
        try
        {
            return text.ValueKind == JsonValueKind.String ? text.GetString()!.Replace("\0", "", StringComparison.Ordinal) : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A text or a name that can be read, else null.</summary>
    public static string? TryRead(Func<string?> text)
    {
        string? read = null;
        return Judge(() => read = text(), "") is null ? read : null;
    }

    private static FactDefect? Find(JsonElement value, string path) => value.ValueKind switch
    {
        JsonValueKind.String => Judge(value.GetString, path),
        JsonValueKind.Array => value.EnumerateArray().Select((item, i) => Find(item, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{path}[{i}]"))).FirstOrDefault(found => found is not null),
        JsonValueKind.Object => value.EnumerateObject().Select(property => Find(property, path)).FirstOrDefault(found => found is not null),
        _ => null,
    };

    private static FactDefect? Find(JsonProperty property, string path)
    {
        var name = "";
        var place = path.Length == 0 ? path : path + ".";
        return Judge(() => name = property.Name, place + "?") ?? Find(property.Value, place + name);
    }

    private static FactDefect? Judge(Func<string?> read, string path)
    {
        try
        {
            return read()!.Contains('\0', StringComparison.Ordinal)
                ? new FactDefect(path, "nul_character", "holds a NUL character; leave it out")
                : null;
        }
        catch (InvalidOperationException)
        {
            return new FactDefect(path, "half_surrogate_pair", "holds half a surrogate pair; do not cut texts within a character");
        }
    }
}
