using System.Globalization;
using System.Text;

namespace IntegrationHub.Identity;

/// <summary>
/// The one normal form of every key of a person. Two spellings of a key are the same key exactly when their normal forms are equal,
/// ordinally. Whoever stores, compares, looks up or sends a key does it in this form. Pure; of a normal form the normal form is itself.
/// </summary>
public static class NormalKey
{
    private static readonly IdnMapping _idn = new() { UseStd3AsciiRules = true };

    /// <summary>
    /// An id that a system gave (external_id, crm_id, account_id …): composed (NFC), without what nobody sees; capitals and blanks in the
    /// middle stay, they may tell two people apart.
    /// </summary>
    /// <returns>Null when nothing is left.</returns>
    public static string? OfId(string? id)
    {
        if (id is null)
        {
            return null;
        }

        var normal = IsPlain(id) ? id : ComposedText.Of(InvisibleText.Strip(id, joinersMean: true));
        return normal.Length == 0 ? null : normal;
    }

    /// <summary>
    /// An e-mail address: composed (NFC), small letters, without invisible characters anywhere, a domain beyond ASCII as its A-label
    /// (RFC 5890: <c>xn--bcher-kva.example</c>). No judge of addresses: what is none comes back as it can be compared.
    /// </summary>
    /// <returns>Null when nothing is left.</returns>
    public static string? OfEmail(string? email)
    {
        if (email is null)
        {
            return null;
        }

        if (IsPlain(email))
        {
            return email.Length == 0 ? null : email.ToLowerInvariant();
        }

        var address = ComposedText.Of(ComposedText.Of(InvisibleText.Strip(email, joinersMean: false)).ToLowerInvariant());
        var at = address.LastIndexOf('@');
        if (at >= 0 && AsciiDomain(address, at + 1) is { } domain)
        {
            address = string.Concat(address.AsSpan(0, at + 1), domain);
        }

        return address.Length == 0 ? null : address;
    }

    private static string? AsciiDomain(string address, int start)
    {
        if (Ascii.IsValid(address.AsSpan(start)))
        {
            return null;
        }

        try
        {
            return _idn.GetAscii(address, start);
        }
        catch (ArgumentException)
        {
            return null; // No domain: it stays as it is spelled, and whoever validates refuses it.
        }
    }

    /// <summary>Visible ASCII alone: the fast path, and nearly everybody's.</summary>
    private static bool IsPlain(string text) => !text.AsSpan().ContainsAnyExceptInRange('!', '~');
}
