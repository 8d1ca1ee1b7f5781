using System.Globalization;

namespace IntegrationHub.Hub.Mapping;

/// <summary>Amounts as spreadsheets write them: <c>$90,000 </c>, <c>90.000,50 €</c>.</summary>
internal static class MoneyText
{
    /// <summary>
    /// Takes a currency sign and the separators between thousands away, in place. Fails when a separator does not stand before exactly three
    /// digits, or behind a zero: <c>1,5</c> may be one and a half, <c>0,500</c> is a half, and neither is guessed.
    /// </summary>
    /// <param name="text">The amount as written.</param>
    /// <param name="decimalSign">What stands before the fraction.</param>
    /// <param name="stripped">Sign, digits and decimal sign alone.</param>
    public static bool TryStrip(Span<char> text, char decimalSign, out Span<char> stripped)
    {
        var amount = text.Trim();
        var negative = !amount.IsEmpty && amount[0] is '-' or '\u2212';
        amount = WithoutCurrency(negative ? amount[1..] : amount);

        stripped = default;
        var length = 0;
        var digitsInGroup = 0;
        var separator = '\0';
        var inFraction = false;
        foreach (var c in amount)
        {
            if (IsGroup(c, decimalSign))
            {
                if (inFraction || digitsInGroup is 0 or > 3 || amount[0] == '0' || (separator != '\0' && (digitsInGroup != 3 || c != separator)))
                {
                    return false;
                }

                separator = c;
                digitsInGroup = 0;
                continue;
            }

            if (c == decimalSign && !inFraction)
            {
                if (separator != '\0' && digitsInGroup != 3)
                {
                    return false;
                }

                inFraction = true;
            }
            else if (!char.IsAsciiDigit(c))
            {
                return false;
            }
            else if (!inFraction)
            {
                digitsInGroup++;
            }

            amount[length++] = c;
        }

        if (length == 0 || (separator != '\0' && !inFraction && digitsInGroup != 3))
        {
            return false;
        }

        if (negative)
        {
            amount[..length].CopyTo(text[1..]);
            text[0] = '-';
            stripped = text[..(length + 1)];
            return true;
        }

        stripped = amount[..length];
        return true;
    }

    private static Span<char> WithoutCurrency(Span<char> amount)
    {
        if (!amount.IsEmpty && IsCurrency(amount[0]))
        {
            return amount[1..].TrimStart();
        }

        return !amount.IsEmpty && IsCurrency(amount[^1]) ? amount[..^1].TrimEnd() : amount;
    }

    private static bool IsCurrency(char c) => char.GetUnicodeCategory(c) == UnicodeCategory.CurrencySymbol;

    // A plain space between thousands is read where the decimal sign is a comma: there it is how people write.
    private static bool IsGroup(char c, char decimalSign) =>
        c is '\u00A0' or '\u202F' or '\'' or '\u2019' || (decimalSign == ',' ? c is '.' or ' ' : c == ',');
}
