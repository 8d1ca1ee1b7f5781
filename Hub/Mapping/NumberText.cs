using System.Globalization;

namespace IntegrationHub.Hub.Mapping;

/// <summary>Numbers as texts write them.</summary>
internal static class NumberText
{
    private const int Longest = 128;

    /// <summary>Reads a number without separators between thousands: those may be the other decimal sign, and are not guessed.</summary>
    /// <param name="text">Digits, perhaps with a sign, a fraction and a power of ten.</param>
    /// <param name="decimalSign">What stands before the fraction.</param>
    /// <param name="number">The number.</param>
    public static bool TryRead(ReadOnlySpan<char> text, char decimalSign, out decimal number)
    {
        number = 0;
        if (text.Length > Longest || text.Contains(decimalSign == ',' ? '.' : ','))
        {
            return false;
        }

        Span<char> plain = stackalloc char[text.Length];
        text.CopyTo(plain);
        plain.Replace(',', '.');
        plain.Replace('\u2212', '-');
        return decimal.TryParse(plain, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out number);
    }
}
