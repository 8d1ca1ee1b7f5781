using System.Text;

namespace IntegrationHub.Identity;

/// <summary>Texts whose letters are composed (NFC): <c>u</c> and a diaeresis, as some systems export them, are <c>ü</c>. Pure.</summary>
public static class ComposedText
{
    /// <summary>The text composed; one that holds half a surrogate pair has no such form and stays.</summary>
    public static string Of(string text) => Ascii.IsValid(text) || !IsWellFormed(text) ? text : text.Normalize(NormalizationForm.FormC);

    private static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        for (var i = text.IndexOfAnyInRange('\uD800', '\uDFFF'); i >= 0 && i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[++i])))
            {
                return false;
            }
        }

        return true;
    }
}
