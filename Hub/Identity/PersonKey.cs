namespace IntegrationHub.Identity;

/// <summary>A key of a person in its normal form, written <c>email:kim@example.org</c>. Personal data.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Value">Its normal form, not empty.</param>
public readonly record struct PersonKey(KeyKind Kind, string Value) : IComparable<PersonKey>
{
    private static readonly string[] _words = ["external_id", "crm_id", "email", "phone", "account_id", "anonymous_id", "device_id"];

    /// <summary>The words for the kinds, in the order of <see cref="KeyKind"/>.</summary>
    public static IReadOnlyList<string> Words => _words;

    /// <summary>The key in its normal form, a phone number given as E.164; null when nothing is left of it.</summary>
    public static PersonKey? Of(KeyKind kind, string? value) =>
        (kind == KeyKind.Email ? NormalKey.OfEmail(value) : NormalKey.OfId(value)) is { } normal ? new PersonKey(kind, normal) : null;

    /// <summary>Reads <c>kind:value</c>; null when it is none.</summary>
    public static PersonKey? Parse(string text) =>
        text.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && KindOf(text[..colon]) is { } kind ? Of(kind, text[(colon + 1)..]) : null;

    /// <summary>Reads a key as <see cref="ToString"/> wrote it: in its normal form already.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static PersonKey Read(string text) => ReadOrNull(text) ?? throw new FormatException("The text is no key of a person.");

    /// <summary>Reads a key as <see cref="ToString"/> wrote it; null when it is of a kind that this version does not know, or none.</summary>
    public static PersonKey? ReadOrNull(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon != -1 && KindOf(text[..colon]) is { } kind ? new PersonKey(kind, text[(colon + 1)..]) : null;
    }

    /// <summary>The kind that a word names, or null.</summary>
    public static KeyKind? KindOf(string word) => Array.IndexOf(_words, word) is >= 0 and var kind ? (KeyKind)kind : null;

    /// <summary>The word for a kind.</summary>
    public static string WordOf(KeyKind kind) => _words[(int)kind];

    /// <summary>True when the left one sorts first.</summary>
    public static bool operator <(PersonKey left, PersonKey right) => left.CompareTo(right) < 0;

    /// <summary>True when the right one sorts first.</summary>
    public static bool operator >(PersonKey left, PersonKey right) => left.CompareTo(right) > 0;

    /// <summary>True when the left one sorts first or both are the same.</summary>
    public static bool operator <=(PersonKey left, PersonKey right) => left.CompareTo(right) <= 0;

    /// <summary>True when the right one sorts first or both are the same.</summary>
    public static bool operator >=(PersonKey left, PersonKey right) => left.CompareTo(right) >= 0;

    /// <inheritdoc />
    public int CompareTo(PersonKey other) => Kind != other.Kind ? Kind.CompareTo(other.Kind) : string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc />
    public override string ToString() => $"{WordOf(Kind)}:{Value}";
}
