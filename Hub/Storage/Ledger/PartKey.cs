using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>
/// What a statement is filed under, whoever holds its keys at the moment: the primary key that it names, else all keys. Whose it is may change with them, what it is filed under
/// never does. Personal data.
/// </summary>
/// <param name="Text">The keys, one a line.</param>
internal readonly record struct PartKey(string Text) : IComparable<PartKey>
{
    private const char Separator = '\n';

    public PartKey(PersonKey key)
        : this(key.ToString())
    {
    }

    /// <summary>One of the keys, by which the part is found.</summary>
    public PersonKey First => PersonKey.Read(Text.IndexOf(Separator, StringComparison.Ordinal) is > 0 and var end ? Text[..end] : Text);

    /// <summary>All keys, as they tell people.</summary>
    public IEnumerable<PersonKey> Keys => Text.Split(Separator).Select(PersonKey.Read);

    /// <summary>True when this version knows the kinds of all keys.</summary>
    public bool IsReadable => Text.Split(Separator).All(key => PersonKey.ReadOrNull(key) is not null);

    /// <summary>What a statement with these keys is filed under.</summary>
    /// <param name="telling">Its keys, by precedence; at least one.</param>
    public static PartKey Of(PersonKey[] telling) => new(telling is [{ Kind: KeyKind.ExternalId } primary, ..] ? primary.ToString() : string.Join(Separator, telling));

    /// <summary>True when the left one sorts first.</summary>
    public static bool operator <(PartKey left, PartKey right) => left.CompareTo(right) < 0;

    /// <summary>True when the right one sorts first.</summary>
    public static bool operator >(PartKey left, PartKey right) => left.CompareTo(right) > 0;

    /// <summary>True when the left one sorts first or both are the same.</summary>
    public static bool operator <=(PartKey left, PartKey right) => left.CompareTo(right) <= 0;

    /// <summary>True when the right one sorts first or both are the same.</summary>
    public static bool operator >=(PartKey left, PartKey right) => left.CompareTo(right) >= 0;

    /// <inheritdoc />
    public int CompareTo(PartKey other) => string.CompareOrdinal(Text, other.Text);
}
