using System.Buffers;
using System.Globalization;
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
    /// beyond ASCII as in RFC 6531; no quoted local parts and no address literals, which vendors refuse). What a broken encoding leaves behind and
    /// what nobody sees is in no address, nor are letters that are another way to print others (a wide <c>ａ</c>, a ligature), and an apostrophe in front of one is a spreadsheet's mark of
    /// a text. No domain ends in a number.
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
        if (local[0] == '\'')
        {
            return false;
        }

        var whole = local;
        var previous = new Rune('.');
        while (!local.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(local, out var rune, out var length) != OperationStatus.Done || (rune.Value == '.' ? previous.Value == '.' : !IsAtomText(rune)))
            {
                return false;
            }

            previous = rune;
            local = local[length..];
        }

        return previous.Value != '.' && (Ascii.IsValid(whole) || whole.IsNormalized(NormalizationForm.FormKC));
    }

    private static bool IsAtomText(Rune rune) => rune.IsAscii
        ? char.IsAsciiLetterOrDigit((char)rune.Value) || "!#$%&'*+-/=?^_`{|}~".Contains((char)rune.Value)
        : Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
            or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            && rune != Rune.ReplacementChar && rune.Value is not (0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x2800 or 0x3164 or 0xFFA0 or (>= 0xE0000 and <= 0xE0FFF));

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
                if (c != '-' && !char.IsLetterOrDigit(c))
                {
                    return false;
                }
            }

            labels++;
        }

        return labels >= 2 && domain[(domain.LastIndexOf('.') + 1)..].ContainsAnyExceptInRange('0', '9');
    }
}
