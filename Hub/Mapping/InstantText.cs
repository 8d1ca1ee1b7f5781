using System.Globalization;
using System.Text.RegularExpressions;
using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Mapping;

/// <summary>
/// Moments as sources write them: ISO 8601 (also with a space for the T, as databases write it), and the formats of a field. A text that names its offset means that moment; one that names none is read in
/// the field's time zone, and refused without one: the hub does not guess where a clock stood.
/// </summary>
internal sealed partial class InstantText(FieldMapping field)
{
    private static readonly string[] _iso =
    [
        "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.FFFFFFF",
    ];

    private readonly TimeZoneInfo? _zone = field.Zone;
    private readonly string[] _local = [.. _iso, .. field.Formats];
    private readonly string[] _withOffset = [.. _iso.SelectMany(static format => new[] { $"{format}zzz", $"{format} zzz" }), .. field.Formats];

    /// <summary>Reads a moment. A local time that the zone's clocks skip is none; of one that they show twice the later is taken, which is standard time.</summary>
    public MappingFailure Read(ReadOnlySpan<char> text, out DateTimeOffset instant)
    {
        var written = text.ToString();
        if (Offset().Match(written) is { Success: true } offset)
        {
            var whole = string.Concat(written.AsSpan(0, offset.Groups["offset"].Index), Whole(offset));
            return DateTimeOffset.TryParseExact(whole, _withOffset, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out instant) ? MappingFailure.None : MappingFailure.DatetimeMalformed;
        }

        instant = default;
        if (!DateTime.TryParseExact(written, _local, CultureInfo.InvariantCulture, DateTimeStyles.None, out var clock) || _zone?.IsInvalidTime(clock) == true)
        {
            return MappingFailure.DatetimeMalformed;
        }

        if (_zone is null)
        {
            return MappingFailure.DatetimeWithoutZone;
        }

        instant = new DateTimeOffset(clock, _zone.GetUtcOffset(clock)).ToUniversalTime();
        return MappingFailure.None;
    }

    /// <summary>The day of a moment where the field's clocks stand; false when the text names no moment by its offset, or no zone is known.</summary>
    public bool TryReadDay(ReadOnlySpan<char> text, out DateOnly day)
    {
        day = default;
        if (_zone is null || Read(text, out var instant) != MappingFailure.None)
        {
            return false;
        }

        day = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, _zone).DateTime);
        return true;
    }

    private static string Whole(Match offset) =>
        offset.Groups["hours"] is { Success: true } hours ? $"{hours.Value}:{(offset.Groups["minutes"] is { Success: true } minutes ? minutes.Value : "00")}" : "+00:00";

    [GeneratedRegex(@"\d:\d{2}(:\d{2}(\.\d+)?)? ?(?<offset>Z|(?<hours>[+-]\d{2})(:?(?<minutes>\d{2}))?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Offset();
}
