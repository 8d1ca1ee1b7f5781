using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>Reads times, days and numbers as facts spell them.</summary>
internal static class ScalarReading
{
    /// <summary>Reads an instant; one without an offset is in UTC.</summary>
    public static bool TryReadTime(JsonElement value, out DateTimeOffset time)
    {
        time = default;
        if (value.ValueKind != JsonValueKind.String || !value.TryGetDateTime(out var wall) || value.GetString()!.Length < "2026-11-26T12:00".Length)
        {
            return false;
        }

        if (wall.Kind == DateTimeKind.Unspecified)
        {
            time = new DateTimeOffset(wall, TimeSpan.Zero);
            return true;
        }

        return value.TryGetDateTimeOffset(out time);
    }

    /// <summary>Reads a decimal number, which may be spelled as a text.</summary>
    public static bool TryReadNumber(JsonElement value, out decimal number)
    {
        number = 0;
        return value.ValueKind switch
        {
            JsonValueKind.Number => value.TryGetDecimal(out number),
            JsonValueKind.String => decimal.TryParse(
                value.GetString(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number),
            _ => false,
        };
    }

    /// <summary>Reads a day.</summary>
    public static bool TryReadDay(JsonElement value, out DateOnly day)
    {
        day = default;
        return value.ValueKind == JsonValueKind.String && DateOnly.TryParseExact(value.GetString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);
    }
}
