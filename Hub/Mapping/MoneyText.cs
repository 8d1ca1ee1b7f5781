namespace IntegrationHub.Hub.Mapping;

/// <summary>Amounts as spreadsheets write them: <c>$90,000 </c>.</summary>
internal static class MoneyText
{
    /// <summary>
    /// Takes a leading currency sign and the commas between thousands away, in place. Fails when a comma does not stand before
    /// exactly three digits: <c>1,5</c> may be one and a half, and is not guessed.
    /// </summary>
    public static bool TryStrip(Span<char> text, out Span<char> stripped)
    {
        var amount = text.Trim();
        var negative = !amount.IsEmpty && amount[0] == '-';
        if (negative)
        {
            amount = amount[1..];
        }

        if (!amount.IsEmpty && char.GetUnicodeCategory(amount[0]) == System.Globalization.UnicodeCategory.CurrencySymbol)
        {
            amount = amount[1..].TrimStart();
        }

        stripped = default;
        var length = 0;
        var digitsInGroup = 0;
        var grouped = false;
        var inFraction = false;
        foreach (var c in amount)
        {
            if (c == ',')
            {
                if (inFraction || digitsInGroup is 0 or > 3 || (grouped && digitsInGroup != 3))
                {
                    return false;
                }

                grouped = true;
                digitsInGroup = 0;
                continue;
            }

            if (c == '.' && !inFraction)
            {
                if (grouped && digitsInGroup != 3)
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

        if (length == 0 || (grouped && !inFraction && digitsInGroup != 3))
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
}
