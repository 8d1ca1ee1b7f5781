namespace IntegrationHub.Identity;

/// <summary>A decision about one key (block, unblock) or two (the others). Of several about the same keys the newest counts. Personal data.</summary>
/// <param name="Verdict">What was decided.</param>
/// <param name="A">The key; of two the one that sorts first.</param>
/// <param name="B">The other one; the same as <paramref name="A"/> where the decision is about one.</param>
/// <param name="At">When.</param>
public readonly record struct IdentityDecision(IdentityVerdict Verdict, PersonKey A, PersonKey B, DateTimeOffset At)
{
    private static readonly string[] _words = [.. Enum.GetValues<IdentityVerdict>().Select(WordOf)];

    /// <summary>The words for the verdicts, as they are stored and shown.</summary>
    public static IReadOnlyList<string> Words => _words;

    /// <summary>The word for a verdict.</summary>
    public static string WordOf(IdentityVerdict verdict) => verdict.ToString().ToLowerInvariant();

    /// <summary>A decision, whatever the order of its keys.</summary>
    public static IdentityDecision Of(IdentityVerdict verdict, PersonKey one, PersonKey other, DateTimeOffset at) =>
        one.CompareTo(other) <= 0 ? new(verdict, one, other, at) : new(verdict, other, one, at);

    /// <summary>Reads a decision as it was written down; null when this version does not know its verdict or a kind of its keys.</summary>
    public static IdentityDecision? Read(string verdict, string a, string b, DateTimeOffset at) =>
        Array.IndexOf(_words, verdict) is >= 0 and var word && PersonKey.ReadOrNull(a) is { } one && PersonKey.ReadOrNull(b) is { } other ? new((IdentityVerdict)word, one, other, at) : null;

    /// <summary>True when this decision counts and not the other one about the same keys: the later; of two at once the one that joins less.</summary>
    public bool Beats(in IdentityDecision other) => At > other.At || (At == other.At && Caution(Verdict) > Caution(other.Verdict));

    private static int Caution(IdentityVerdict verdict) => verdict switch
    {
        IdentityVerdict.Unmerge or IdentityVerdict.Block => 1,
        _ => 0,
    };
}
