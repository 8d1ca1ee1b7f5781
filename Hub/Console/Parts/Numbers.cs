using System.Globalization;

namespace IntegrationHub.Hub.Console.Parts;

/// <summary>The one place that writes numbers.</summary>
internal static class Numbers
{
    /// <summary>As <c>1,234,567</c>.</summary>
    public static string Whole(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>As <c>10,000+</c> where more were not counted.</summary>
    public static string Capped(long number, bool areMore) => areMore ? $"{Whole(number)}+" : Whole(number);

    /// <summary>A share from 0 to 1; neither all nor nothing when it is not.</summary>
    public static string Share(double share) => share switch
    {
        <= 0 => "0 %",
        < 0.001 => "< 0.1 %",
        >= 1 => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0} %"),
        > 0.999 => "> 99.9 %",
        < 0.1 => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.0} %"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0} %"),
    };
}
