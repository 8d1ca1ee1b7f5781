using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Storage.Sealing;

/// <summary>
/// The keys that columns were and are sealed with: new values with the current one, and each opens what names it. A value says itself whether it is sealed, so that values in clear stay readable:
/// <c>sealed:1:KEY:</c> and, in columns of text as Base64, what <see cref="SealingKey"/> writes; in columns of JSON as a string of it. A value in clear that begins so itself is written behind <c>sealed:0:</c>.
/// </summary>
public sealed class SealingKeys
{
    /// <summary>What sealed values begin with.</summary>
    internal const string Sealed = "sealed:1:";

    /// <summary>An object that holds nothing and is never sealed.</summary>
    internal const string EmptyJson = "{}";

    private const string Mark = "sealed:";
    private const string Clear = "sealed:0:";
    private static readonly byte[] _mark = Encoding.ASCII.GetBytes(Mark);
    private static readonly byte[] _sealed = Encoding.ASCII.GetBytes(Sealed);
    private static readonly byte[] _clear = Encoding.ASCII.GetBytes(Clear);

    private readonly Dictionary<string, SealingKey> _keys;

    /// <summary>Takes keys.</summary>
    /// <param name="keys">All that values may be sealed with; none where nothing is.</param>
    /// <param name="current">Name of the one to seal with; null where new values are written in clear.</param>
    /// <exception cref="ArgumentException">Two have one name, or the current one is not among them.</exception>
    public SealingKeys(IEnumerable<SealingKey> keys, string? current)
    {
        _keys = keys.ToDictionary(key => key.Id, StringComparer.Ordinal);
        Current = current is null ? null : _keys.GetValueOrDefault(current) ?? throw new ArgumentException($"There is no key '{current}'.", nameof(current));
    }

    /// <summary>Of a hub that seals nothing.</summary>
    public static SealingKeys None { get; } = new([], null);

    /// <summary>The one to seal with, or null.</summary>
    public SealingKey? Current { get; }

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<SealingKey> All => _keys.Values;

    /// <summary>True where what people are like is sealed too (<see cref="SealedColumn.IsOfProfiles"/>).</summary>
    public bool SealsProfiles { get; init; }

    /// <summary>True where a value may stand sealed, so that nothing can look into it in SQL.</summary>
    internal bool MaySeal => _keys.Count > 0;

    /// <summary>The one to seal a column with, or null.</summary>
    public SealingKey? CurrentOf(SealedColumn column) => column.IsOfProfiles && !SealsProfiles ? null : Current;

    /// <summary>What a value begins with that stands as it would be written now; where that is in clear, what sealed ones begin with.</summary>
    internal string HeadIn(SealedColumn column) => (column.IsJson ? "\"" : "") + (CurrentOf(column) is { } key ? HeadOf(key) : Sealed);

    /// <summary>True of a text that stands as it was sealed: it was not opened.</summary>
    public static bool IsSealed(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith(Sealed, StringComparison.Ordinal);
    }

    /// <summary>A key by its name, or null.</summary>
    public SealingKey? Find(string id) => _keys.GetValueOrDefault(id);

    /// <summary>The keys of the host that a context belongs to.</summary>
    internal static SealingKeys Of(HubDbContext db) =>
        db.GetService<IDbContextOptions>().FindExtension<CoreOptionsExtension>()?.ApplicationServiceProvider?.GetService<SealingKeys>() ?? None;

    /// <summary>A text as it is written into a column.</summary>
    internal string Seal(SealedColumn column, object row, string text) => column.IsOfProfiles && IsSealed(text) ? text
        : CurrentOf(column) is { } key && !((column.IsJson || column.IsOfProfiles) && text == EmptyJson)
        ? Quoted(column, HeadOf(key) + Convert.ToBase64String(key.Seal(PlaceOf(column, row, key), Encoding.UTF8.GetBytes(text))))
        : !column.IsJson && text.StartsWith(Mark, StringComparison.Ordinal) ? Clear + text : text;

    /// <summary>Bytes as they are written into a column.</summary>
    internal byte[] Seal(SealedColumn column, object row, ReadOnlyMemory<byte> bytes) => Current is { } key
        ? [.. Encoding.ASCII.GetBytes(HeadOf(key)), .. key.Seal(PlaceOf(column, row, key), bytes.Span)]
        : bytes.Span.StartsWith(_mark) ? [.. _clear, .. bytes.Span] : bytes.ToArray();

    /// <summary>A text as it was before it was written.</summary>
    /// <exception cref="MissingSealingKeyException">It is sealed with a key that is not here.</exception>
    /// <exception cref="BrokenSealException">It does not open.</exception>
    internal string Open(SealedColumn column, object row, string stored)
    {
        stored = column.IsJson && stored is ['"', .. var inner, '"'] ? inner : stored;
        if (!stored.StartsWith(Sealed, StringComparison.Ordinal))
        {
            return stored.StartsWith(Clear, StringComparison.Ordinal) ? stored[Clear.Length..] : stored;
        }

        var end = stored.IndexOf(':', Sealed.Length);
        var key = KeyOf(column, end < 0 ? "" : stored[Sealed.Length..end]);
        var box = new byte[stored.Length];
        return Convert.TryFromBase64Chars(stored.AsSpan(end + 1), box, out var length)
            ? Encoding.UTF8.GetString(Open(column, row, key, box.AsSpan(0, length)))
            : throw Broken(column, key, null);
    }

    /// <summary>Bytes as they were before they were written.</summary>
    /// <exception cref="MissingSealingKeyException">They are sealed with a key that is not here.</exception>
    /// <exception cref="BrokenSealException">They do not open.</exception>
    internal byte[] Open(SealedColumn column, object row, byte[] stored)
    {
        if (!stored.AsSpan().StartsWith(_sealed))
        {
            return stored.AsSpan().StartsWith(_clear) ? stored[_clear.Length..] : stored;
        }

        var name = stored.AsSpan(_sealed.Length);
        var end = name.IndexOf((byte)':');
        var key = KeyOf(column, end < 0 ? "" : Encoding.ASCII.GetString(name[..end]));
        return Open(column, row, key, name[(end + 1)..]);
    }

    /// <summary>
    /// A text as it was before it was written, empty where it does not open. Nothing that is written whole is empty: whoever reads one of many rows finds that it is none of its kind, sets it aside as what cannot be read, and the others go on.
    /// </summary>
    /// <exception cref="MissingSealingKeyException">It is sealed with a key that is not here.</exception>
    internal string OpenOrNothing(SealedColumn column, object row, string stored)
    {
        try
        {
            return Open(column, row, stored);
        }
        catch (BrokenSealException)
        {
            return "";
        }
    }

    /// <summary>
    /// A text as it was before it was written; where it does not open, as it stands, which is no JSON (<see cref="IsSealed"/>). Whoever reads one of many people finds that it cannot be read, writes it back as it stands,
    /// and the others go on.
    /// </summary>
    /// <exception cref="MissingSealingKeyException">It is sealed with a key that is not here.</exception>
    internal string OpenOrKeep(SealedColumn column, object row, string stored)
    {
        try
        {
            return Open(column, row, stored);
        }
        catch (BrokenSealException)
        {
            return stored;
        }
    }

    /// <summary>The attributes of a profile as <see cref="OpenOrKeep"/> gives them.</summary>
    internal string OpenProfile(long profileId, string stored) => stored.StartsWith('{') ? stored : OpenOrKeep(SealedColumn.ProfileAttributes, profileId, stored);

    /// <summary>Bytes as they were before they were written, none where they do not open.</summary>
    /// <exception cref="MissingSealingKeyException">They are sealed with a key that is not here.</exception>
    internal byte[] OpenOrNothing(SealedColumn column, object row, byte[] stored)
    {
        try
        {
            return Open(column, row, stored);
        }
        catch (BrokenSealException)
        {
            return [];
        }
    }

    /// <summary>The body of a fact beside the id of its event: null where a row has none, empty where it does not open.</summary>
    internal string? OpenFact(DbDataReader reader, int eventId, int body) => reader.TextOrNull(body) is { } stored
        ? OpenOrNothing(SealedColumn.FactBody, reader.IsDBNull(eventId) ? Guid.Empty : reader.GetGuid(eventId), stored)
        : null;

    private static byte[] Open(SealedColumn column, object row, SealingKey key, ReadOnlySpan<byte> box)
    {
        try
        {
            return key.Open(PlaceOf(column, row, key), box);
        }
        catch (CryptographicException exception)
        {
            throw Broken(column, key, exception);
        }
    }

    private static BrokenSealException Broken(SealedColumn column, SealingKey key, Exception? cause) => new(
        $"A value of {column.Place} does not open with the key '{key.Id}': it was changed, cut off or put into another row. Compare the row with a backup.", cause);

    /// <summary>Of a value that was read beside others and does not open.</summary>
    internal static BrokenSealException Broken(SealedColumn column) => new($"A value of {column.Place} does not open: it was changed, cut off or put into another row. Compare the row with a backup.");

    /// <summary>Letters, digits and signs that JSON takes as they are.</summary>
    private static string Quoted(SealedColumn column, string value) => column.IsJson ? $"\"{value}\"" : value;

    private static string HeadOf(SealingKey key) => $"{Sealed}{key.Id}:";

    private static string PlaceOf(SealedColumn column, object row, SealingKey key) => $"1\n{key.Id}\n{column.Place}\n{SealedColumn.Joined(row)}";

    private SealingKey KeyOf(SealedColumn column, string id) => id.Length == 0
        ? throw new BrokenSealException($"A value of {column.Place} begins as if it were sealed and names no key: it was cut off. Compare the row with a backup.")
        : Find(id) ?? throw new MissingSealingKeyException(id);
}
