namespace IntegrationHub.Hub.Mapping;

/// <summary>Turns phone numbers into E.164 when they say enough, and refuses to guess when they do not.</summary>
internal static class PhoneNumber
{
    /// <summary>Longest result: a plus sign and 15 digits.</summary>
    public const int MaxLength = 16;

    private const int MinInternationalDigits = 8;
    private const int MaxInternationalDigits = 15;
    private const int NationalDigits = 10;

    /// <summary>Countries whose national numbers are understood: they share the North American numbering plan.</summary>
    public static IReadOnlyList<string> Countries { get; } = ["CA", "US"];

    /// <summary>
    /// Turns a number. With a plus sign it names its country. Without one it must be a national number of the default country: ten
    /// digits, or eleven with the trunk prefix 1, whose area code and exchange begin with 2 to 9.
    /// </summary>
    /// <param name="text">The number as written; spaces, hyphens, periods, slashes and parentheses separate.</param>
    /// <param name="hasDefaultCountry">True when a number without a plus sign is one of <see cref="Countries"/>.</param>
    /// <param name="result">Room for the result, at least <see cref="MaxLength"/>.</param>
    /// <param name="length">Characters of the result.</param>
    public static MappingFailure ToE164(ReadOnlySpan<char> text, bool hasDefaultCountry, Span<char> result, out int length)
    {
        length = 0;
        Span<char> digits = stackalloc char[MaxInternationalDigits];
        var count = 0;
        var international = text.Length > 0 && text[0] == '+';
        foreach (var c in international ? text[1..] : text)
        {
            if (char.IsAsciiDigit(c))
            {
                if (count == digits.Length)
                {
                    return MappingFailure.PhoneMalformed;
                }

                digits[count++] = c;
            }
            else if (c is not (' ' or '-' or '.' or '/' or '(' or ')'))
            {
                return MappingFailure.PhoneMalformed;
            }
        }

        digits = digits[..count];
        if (international)
        {
            if (count < MinInternationalDigits || digits[0] == '0' || (digits[0] == '1' && !IsNational(digits[1..])))
            {
                return MappingFailure.PhoneMalformed;
            }
        }
        else if (count == NationalDigits + 1 && digits[0] == '1')
        {
            digits = digits[1..];
        }

        if (!international)
        {
            if (digits.Length > NationalDigits || !hasDefaultCountry)
            {
                return MappingFailure.PhoneCountryUnknown;
            }

            if (!IsNational(digits))
            {
                return MappingFailure.PhoneMalformed;
            }
        }

        result[0] = '+';
        length = 1;
        if (!international)
        {
            result[length++] = '1';
        }

        digits.CopyTo(result[length..]);
        length += digits.Length;
        return MappingFailure.None;
    }

    private static bool IsNational(ReadOnlySpan<char> digits) => digits.Length == NationalDigits && digits[0] >= '2' && digits[3] >= '2';
}
