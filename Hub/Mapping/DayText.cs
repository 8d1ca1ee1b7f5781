using System.Globalization;
using System.Text.RegularExpressions;
using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Mapping;

/// <summary>Calendar days in the formats of a field, also with a time of midnight behind them, as databases and spreadsheets write days.</summary>
internal sealed partial class DayText
{
    /// <summary>What lies before it is a year of two digits in four places, or a database's word for no day (<c>0001-01-01</c>).</summary>
    private const int FirstYear = 1000;

    private readonly string[] _formats;
    private readonly InstantText? _instants;
    private readonly CultureInfo _culture;

    public DayText(FieldMapping field)
    {
        _formats = [.. field.Formats];
        _instants = field.Zone is null ? null : new InstantText(field with { Formats = [] });
        _culture = CultureInfo.InvariantCulture;
        if (field.TwoDigitYearsTo is { } latest)
        {
            _culture = (CultureInfo)_culture.Clone();
            _culture.DateTimeFormat.Calendar.TwoDigitYearMax = latest;
        }
    }

    /// <summary>Reads a day, or the day of a moment in the field's time zone. Without one a time other than midnight is refused: which day it is depends on a place that nobody named.</summary>
    public MappingFailure Read(ReadOnlySpan<char> text, out DateOnly day)
    {
        if (TryRead(text, out day) || _instants?.TryReadDay(text, out day) == true)
        {
            return MappingFailure.None;
        }

        var match = Time().Match(text.ToString());
        if (!match.Success || !TryRead(text[..match.Index], out day))
        {
            return MappingFailure.DateMalformed;
        }

        var isMidnight = !match.Groups["rest"].ValueSpan.ContainsAnyInRange('1', '9')
            && (match.Groups["half"].ValueSpan.StartsWith("a", StringComparison.OrdinalIgnoreCase) ? match.Groups["hour"].Value == "12" : !match.Groups["half"].Success && match.Groups["hour"].Value is "0" or "00");
        return isMidnight ? MappingFailure.None : MappingFailure.DateHasTime;
    }

    private bool TryRead(ReadOnlySpan<char> text, out DateOnly day) => DateOnly.TryParseExact(text, _formats, _culture, DateTimeStyles.None, out day) && day.Year >= FirstYear;

    [GeneratedRegex(@"(T|,?[ \u00A0\u202F])(?<hour>\d{1,2})(?<rest>:\d{2}(:\d{2}([.,]\d{1,9})?)?)[ \u00A0\u202F]?(?<half>[AaPp]\.?[Mm]\.?)? ?(Z|UTC|GMT|[+-]\d{2}(:?\d{2})?( UTC)?)?(\[[A-Za-z/_]+\])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Time();
}
