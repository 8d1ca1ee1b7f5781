using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Marketo.Wire;

/// <summary>
/// Codes of the <c>warnings</c> that stand in the envelope beside a result, each an object of an integer code and a message (<c>Warning</c> in the vendor's Swagger file,
/// https://github.com/AdobeDocs/marketo-developer.en). Messages are not kept: they may quote values.
/// </summary>
internal static class MarketoWarnings
{
    /// <summary>Of a warning whose code is no whole number.</summary>
    public const string Unknown = "unknown";

    private const int Most = 10;

    /// <summary>The codes, each once; empty for nearly all answers, and for what is no envelope.</summary>
    public static IReadOnlyCollection<string> In(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IndexOf("\"warnings\""u8) < 0)
        {
            return [];
        }

        var codes = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            Read(utf8, codes);
        }
        catch (JsonException)
        {
            codes.Clear();
        }

        return codes;
    }

    private static void Read(ReadOnlySpan<byte> utf8, HashSet<string> codes)
    {
        var reader = new Utf8JsonReader(utf8);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isWarnings = reader.ValueTextEquals("warnings"u8);
            reader.Read();
            if (!isWarnings || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var code = CodeOf(ref reader);
                if (codes.Count < Most)
                {
                    codes.Add(code);
                }
            }
        }
    }

    /// <summary>The Asset API tells warnings as texts, without a code.</summary>
    private static string CodeOf(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return Unknown;
        }

        var code = Unknown;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isCode = reader.ValueTextEquals("code"u8);
            reader.Read();
            if (isCode)
            {
                var text = reader.TokenType switch
                {
                    JsonTokenType.Number when reader.TryGetInt32(out var number) => number.ToString(CultureInfo.InvariantCulture),
                    JsonTokenType.String => reader.GetString()!,
                    _ => "",
                };
                code = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? text : Unknown;
            }

            reader.Skip();
        }

        return code;
    }
}
