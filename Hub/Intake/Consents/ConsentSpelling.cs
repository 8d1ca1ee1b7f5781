using System.Collections.Frozen;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Intake.Consents;

/// <summary>How exports spell that somebody agreed or did not. Pure.</summary>
internal static class ConsentSpelling
{
    /// <summary>Completes a sentence about a word that is not known.</summary>
    public const string Fix = "Write granted or denied (yes or no, subscribed or unsubscribed, opted in or opted out, true or false, 1 or 0), or leave it blank when nothing is known.";

    private static readonly FrozenDictionary<string, string> _words = Words();

    /// <summary>Reads a word.</summary>
    /// <param name="text">The field.</param>
    /// <param name="status"><see cref="ConsentWord.Granted"/> or <see cref="ConsentWord.Denied"/>; null when the field is blank and says nothing.</param>
    /// <returns>False when the word is not known; then it must not be taken for silence.</returns>
    public static bool TryRead(ReadOnlySpan<char> text, out string? status)
    {
        Span<char> word = stackalloc char[24];
        var length = 0;
        foreach (var letter in InvisibleText.Trim(text))
        {
            if (letter is ' ' or '-' or '_')
            {
                continue;
            }

            if (length == word.Length)
            {
                status = null;
                return false;
            }

            word[length++] = char.ToLowerInvariant(letter);
        }

        status = null;
        return length == 0 || _words.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word[..length], out status);
    }

    private static FrozenDictionary<string, string> Words()
    {
        string[] granted = [ConsentWord.Granted, "yes", "y", "true", "t", "1", "on", "subscribed", "subscribe", "optin", "optedin", "active", "accepted", "ja", "oui", "si", "sí", "sim", "tak"];
        string[] denied = [ConsentWord.Denied, "no", "n", "false", "f", "0", "off", "unsubscribed", "unsubscribe", "optout", "optedout", "withdrawn", "revoked", "rejected", "cleaned", "complained", "nein", "non", "não", "nie"];
        return granted.Select(word => (word, status: ConsentWord.Granted)).Concat(denied.Select(word => (word, status: ConsentWord.Denied))).ToFrozenDictionary(pair => pair.word, pair => pair.status, StringComparer.Ordinal);
    }
}
