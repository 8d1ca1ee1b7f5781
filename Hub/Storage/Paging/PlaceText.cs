using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace IntegrationHub.Storage.Paging;

/// <summary>The place of a row in a list as a text: the values by which the list is ordered, so that it holds though rows come and go.</summary>
internal static class PlaceText
{
    private const char Separator = '.';

    /// <summary>Writes a place.</summary>
    public static string Of(params ReadOnlySpan<object> values)
    {
        var parts = new string[values.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = values[i] switch
            {
                DateTimeOffset at => at.UtcTicks.ToString(CultureInfo.InvariantCulture),
                Guid id => id.ToString("N"),
                string text => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text)),
                _ => Convert.ToInt64(values[i], CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture),
            };
        }

        return string.Join(Separator, parts);
    }

    /// <summary>Reads a place.</summary>
    /// <exception cref="MalformedPlaceException">It is none of a list that is ordered so.</exception>
    public static object[] Read(string place, params ReadOnlySpan<PlaceKind> kinds)
    {
        var parts = place.Split(Separator);
        if (parts.Length != kinds.Length)
        {
            throw new MalformedPlaceException();
        }

        var values = new object[parts.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Read(parts[i], kinds[i]) ?? throw new MalformedPlaceException();
        }

        return values;
    }

    private static object? Read(string part, PlaceKind kind) => kind switch
    {
        PlaceKind.Number => long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null,
        PlaceKind.Time => long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTimeOffset.MaxValue.UtcTicks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null,
        PlaceKind.Id => Guid.TryParseExact(part, "N", out var id) ? id : null,
        _ => Base64Url.IsValid(part) && Encoding.UTF8.GetString(Base64Url.DecodeFromChars(part)) is var text && !text.Contains('\0', StringComparison.Ordinal) ? text : null,
    };
}
