using System.Text;

namespace IntegrationHub.Hub.Mapping;

/// <summary>Which texts are e-mail addresses that a marketing vendor can send to.</summary>
internal static class EmailAddress
{
    private const int MaxLength = 254;
    private const int MaxLocalLength = 64;
    private const int MaxLabelLength = 63;

    /// <summary>
    /// Checks an address in its normal form for the shape <c>local@domain.tld</c> (RFC 5321 lengths; dot-atoms, which may hold letters
    /// beyond ASCII as in RFC 6531; no quoted local parts and no address literals, which vendors refuse).
    /// </summary>
    public static MappingFailure Check(ReadOnlySpan<char> address, bool asciiOnly)
    {
        var at = address.IndexOf('@');
        if (at <= 0 || at > MaxLocalLength || address.Length > MaxLength || !IsLocalPart(address[..at]) || !IsDomain(address[(at + 1)..]))
        {
            return MappingFailure.EmailMalformed;
        }

        return asciiOnly && !Ascii.IsValid(address) ? MappingFailure.EmailNotAscii : MappingFailure.None;
    }

    private static bool IsLocalPart(ReadOnlySpan<char> local)
    {
        var previous = '.';
        foreach (var c in local)
        {
            if (c == '.' ? previous == '.' : !IsAtomText(c))
            {
                return false;
            }

            previous = c;
        }

        return previous != '.';
    }

    private static bool IsAtomText(char c) =>
        char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-/=?^_`{|}~".Contains(c) || (c > 127 && !char.IsWhiteSpace(c) && !char.IsControl(c));

    private static bool IsDomain(ReadOnlySpan<char> domain)
    {
        var labels = 0;
        foreach (var range in domain.Split('.'))
        {
            var label = domain[range];
            if (label.IsEmpty || label.Length > MaxLabelLength || label[0] == '-' || label[^1] == '-')
            {
                return false;
            }

            foreach (var c in label)
            {
                if (c != '-' && !(c <= 127 ? char.IsAsciiLetterOrDigit(c) : char.IsLetterOrDigit(c)))
                {
                    return false;
                }
            }

            labels++;
        }

        return labels >= 2;
    }
}
