using System.Text.Json;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Storage.Erasures;

/// <summary>Everything by which the hub and its destinations know one person. Personal data; kept sealed alone.</summary>
public sealed record ErasurePerson
{
    /// <summary>Every key that the person holds, beside the one that was asked for.</summary>
    public required IReadOnlyList<PersonKey> Keys { get; init; }

    /// <summary>Keys that were stated with the person and are nobody's alone: several people claim them, or they are blocked. They get no tombstone, which would erase the others.</summary>
    public IReadOnlyList<PersonKey> Shared { get; init; } = [];

    /// <summary>Those of <see cref="Shared"/> that several people claim and that are not blocked: whoever has one of them may be the person.</summary>
    public IReadOnlyList<PersonKey> Contested { get; init; } = [];

    /// <summary>Keys of kinds that this version does not know, as one that does sealed them: what stands under them goes too, and that one finds them again.</summary>
    public IReadOnlyList<string> UnreadKeys { get; init; } = [];

    /// <summary>Profiles of the person.</summary>
    public required IReadOnlyList<long> ProfileIds { get; init; }

    /// <summary>Ids that destinations have of the person, by destination.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> RemoteIds { get; init; }

    /// <summary>Destinations that were told of the person, whether or not any hub still has them.</summary>
    public IReadOnlyList<string> Destinations { get; init; } = [];

    /// <summary>Values of some kind of key, as destinations know people by.</summary>
    public IEnumerable<string> ValuesOf(KeyKind kind) => Keys.Where(key => key.Kind == kind).Select(key => key.Value).Distinct(StringComparer.Ordinal);

    /// <summary>What both know together.</summary>
    public ErasurePerson Join(ErasurePerson other) => new()
    {
        Keys = [.. Keys.Union(other.Keys)],
        Shared = [.. Shared.Union(other.Shared).Except(Keys).Except(other.Keys)],
        Contested = [.. Contested.Union(other.Contested).Except(Keys).Except(other.Keys)],
        UnreadKeys = [.. UnreadKeys.Union(other.UnreadKeys, StringComparer.Ordinal)],
        ProfileIds = [.. ProfileIds.Union(other.ProfileIds)],
        RemoteIds = RemoteIds.Concat(other.RemoteIds).GroupBy(ids => ids.Key, StringComparer.Ordinal)
            .ToDictionary(ids => ids.Key, ids => (IReadOnlyList<string>)[.. ids.SelectMany(known => known.Value).Distinct(StringComparer.Ordinal)], StringComparer.Ordinal),
        Destinations = [.. Destinations.Union(other.Destinations, StringComparer.Ordinal)],
    };

    internal IEnumerable<string> SubjectKeys => Keys.Select(key => ConsentState.KeyOf(key)).Concat(UnreadKeys);

    internal IEnumerable<string> KeyTexts => Keys.Select(key => key.ToString()).Concat(UnreadKeys);

    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(new Stored([.. KeyTexts], [.. ProfileIds], RemoteIds.ToDictionary(ids => ids.Key, ids => ids.Value.ToArray()), [.. Destinations]) { Shared = [.. Shared.Select(key => key.ToString())], Contested = [.. Contested.Select(key => key.ToString())] });

    internal static ErasurePerson Read(byte[] bytes)
    {
        var stored = JsonSerializer.Deserialize<Stored>(bytes)!;
        return new ErasurePerson
        {
            Keys = [.. Readable(stored.Keys)],
            UnreadKeys = [.. stored.Keys.Where(key => PersonKey.ReadOrNull(key) is null)],
            Shared = [.. Readable(stored.Shared)], // they are others' too: whoever knows their kind told those who have them when the erasure began
            Contested = [.. Readable(stored.Contested)],
            ProfileIds = stored.ProfileIds,
            RemoteIds = stored.RemoteIds.ToDictionary(ids => ids.Key, ids => (IReadOnlyList<string>)ids.Value, StringComparer.Ordinal),
            Destinations = stored.Destinations ?? [],
        };
    }

    private static IEnumerable<PersonKey> Readable(IEnumerable<string> keys) => keys.Select(PersonKey.ReadOrNull).OfType<PersonKey>();

    /// <param name="Destinations">Null in what was sealed before destinations were kept.</param>
    private sealed record Stored(string[] Keys, long[] ProfileIds, Dictionary<string, string[]> RemoteIds, string[]? Destinations)
    {
        public string[] Shared { get; init; } = [];

        public string[] Contested { get; init; } = [];
    }
}
