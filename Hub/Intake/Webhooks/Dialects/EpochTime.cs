using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Hub.Intake.Webhooks.Dialects;

/// <summary>Times as senders spell them. Pure.</summary>
internal static class EpochTime
{
    private const long FirstMilliseconds = 100_000_000_000; // as seconds that is the year 5138, as milliseconds 1973

    /// <summary>A text as it is; seconds or milliseconds since 1970 as a text of RFC 3339; null when it is neither.</summary>
    public static string? Read(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString();
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDecimal(out var number) || number < 0 || number > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        {
            return null;
        }

        var milliseconds = number < FirstMilliseconds ? number * 1000 : number;
        return DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds).ToString("O", CultureInfo.InvariantCulture);
    }
}
