using System.Globalization;
using IntegrationHub.Hub.Configuration;
using PhoneNumbers;

namespace IntegrationHub.Hub.Mapping;

/// <summary>Turns phone numbers of all countries into E.164 by their numbering plans, and refuses to guess when they do not say enough.</summary>
internal static class PhoneNumber
{
    private const int LongestText = 64;
    private const int ShortestNumber = 7;
    private static readonly PhoneNumberUtil _plans = PhoneNumberUtil.GetInstance();

    /// <summary>
    /// Turns a number. With a plus sign it names its country; without one it must be a number as it is dialled in the country that is given.
    /// Its numbering plan must have such a number.
    /// </summary>
    /// <param name="text">The number as written; blanks of every kind, dashes, periods, slashes and brackets separate.</param>
    /// <param name="country">Country of a number that names none, one of <see cref="CountryCode.Known"/>, or null.</param>
    /// <param name="number">The number as E.164 when it was turned, else empty.</param>
    public static MappingFailure ToE164(ReadOnlySpan<char> text, string? country, out string number)
    {
        number = "";
        if (Clean(text) is not { } written)
        {
            return MappingFailure.PhoneMalformed;
        }

        var international = written.TrimStart(['(', '[', ' ']).StartsWith('+');
        if (!international && country is null)
        {
            return MappingFailure.PhoneCountryUnknown;
        }

        PhoneNumbers.PhoneNumber parsed;
        try
        {
            parsed = _plans.ParseAndKeepRawInput(written, country);
        }
        catch (NumberParseException)
        {
            return MappingFailure.PhoneMalformed;
        }

        if (parsed.HasExtension || HoldsAnother(written, country))
        {
            return MappingFailure.PhoneMalformed;
        }

        if (!SaysWhatItIs(parsed, written))
        {
            return MappingFailure.PhoneCountryUnknown;
        }

        if (!_plans.IsValidNumber(parsed))
        {
            return MappingFailure.PhoneNotValid;
        }

        number = _plans.Format(parsed, PhoneNumberFormat.E164);
        return MappingFailure.None;
    }

    /// <summary>The number without what nobody sees, its digits as ASCII and every blank a space; null when it holds anything that is no part of a phone number.</summary>
    private static string? Clean(ReadOnlySpan<char> text)
    {
        if (text.StartsWith("tel:", StringComparison.OrdinalIgnoreCase))
        {
            text = text[4..];
        }

        // A spreadsheet's mark of a text, also put before a plus sign by exports that fear formulas.
        if (!text.IsEmpty && text[0] is '\'' or '\u2019')
        {
            text = text[1..];
        }

        text = WithoutFraction(text);
        if (text.Length > LongestText)
        {
            return null;
        }

        Span<char> cleaned = stackalloc char[LongestText];
        var length = 0;
        foreach (var written in text)
        {
            var c = Narrow(written);
            var category = char.GetUnicodeCategory(c);
            if (category is UnicodeCategory.Format)
            {
                continue;
            }

            if (category == UnicodeCategory.DecimalDigitNumber)
            {
                cleaned[length++] = (char)('0' + (int)char.GetNumericValue(c));
            }
            else if (c is '+')
            {
                cleaned[length++] = '+';
            }
            else if (char.IsWhiteSpace(c) || c is '\u00B7' or '\u30FB' or '.')
            {
                cleaned[length++] = ' ';
            }
            else if (category is UnicodeCategory.DashPunctuation || c is '\u2212' or '\u30FC' or '~')
            {
                cleaned[length++] = '-';
            }
            else if (c is '/' or '(' or ')' or '[' or ']')
            {
                cleaned[length++] = c;
            }
            else
            {
                return null;
            }
        }

        return cleaned[..length].Trim().ToString();
    }

    /// <summary>The character of a wide letter set, as it is typed in East Asia, among the narrow ones: brackets, slashes, plus signs and digits.</summary>
    private static char Narrow(char c) => c is >= '\uFF01' and <= '\uFF5E' ? (char)(c - '\uFEE0') : c;

    /// <summary>The number without the empty fraction of a program that took it for an amount: <c>4930123456.0</c> has no zero at its end.</summary>
    private static ReadOnlySpan<char> WithoutFraction(ReadOnlySpan<char> text) =>
        text.IndexOf('.') is >= ShortestNumber and var point && text[point..] is ".0" or ".00" && !text[..point].TrimStart('+').ContainsAnyExceptInRange('0', '9') ? text[..point] : text;

    /// <summary>True when what stands before the last slash is a number by itself: "901820/21" is two numbers in short, and no longer one.</summary>
    private static bool HoldsAnother(string written, string? country)
    {
        if (written.LastIndexOf('/') is var slash && slash < 0)
        {
            return false;
        }

        try
        {
            return _plans.IsValidNumber(_plans.Parse(written[..slash], country));
        }
        catch (NumberParseException)
        {
            return false;
        }
    }

    /// <summary>
    /// False when digits stand before the national number that are neither the country's code nor its trunk prefix: taking them away, as the
    /// parser does with a row of ones, would be a guess.
    /// </summary>
    private static bool SaysWhatItIs(PhoneNumbers.PhoneNumber parsed, string written)
    {
        var national = _plans.GetNationalSignificantNumber(parsed);
        var digits = string.Concat(written.Where(char.IsAsciiDigit));
        if (!digits.EndsWith(national, StringComparison.Ordinal))
        {
            return true; // The plan itself rewrites such a number.
        }

        var code = parsed.CountryCode.ToString(CultureInfo.InvariantCulture);
        var trunk = _plans.GetNddPrefixForRegion(_plans.GetRegionCodeForCountryCode(parsed.CountryCode), true) ?? "";
        var before = digits[..^national.Length];
        return before.Length == 0 || before == trunk || before == code || before == code + trunk
            || (parsed.CountryCodeSource == PhoneNumbers.PhoneNumber.Types.CountryCodeSource.FROM_NUMBER_WITH_IDD
                && (before.EndsWith(code, StringComparison.Ordinal) || before.EndsWith(code + trunk, StringComparison.Ordinal)));
    }
}
