using System.Globalization;

namespace IntegrationHub.Hub.Configuration;

/// <summary>For how long a grant holds: calendar months and days.</summary>
/// <param name="Months">Months.</param>
/// <param name="Days">Days.</param>
internal readonly record struct GrantLife(int Months, int Days)
{
    private const int Most = 1_200;

    /// <summary>When a grant ends.</summary>
    /// <param name="from">When it was given.</param>
    public DateTimeOffset EndFrom(DateTimeOffset from) => from.AddMonths(Months).AddDays(Days);

    /// <summary>Reads <c>24mo</c>, <c>2y</c> or <c>730d</c>.</summary>
    public static bool TryParse(string text, out GrantLife life)
    {
        var unit = text.TrimStart("0123456789".ToCharArray());
        var isNumber = int.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= Most * 31;
        life = unit switch
        {
            "d" => new GrantLife(0, number),
            "mo" => new GrantLife(number, 0),
            "y" => new GrantLife(number * 12, 0),
            _ => default,
        };
        return isNumber && life != default && life.Months <= Most;
    }
}
