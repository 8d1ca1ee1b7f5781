namespace IntegrationHub.Identity;

/// <summary>By what rules keys tell people. Immutable.</summary>
public sealed record IdentityRules
{
    /// <summary>A key that was stated together with so many others tells nobody, whatever the rules: it is shared.</summary>
    public const int MaxNeighbours = 200;

    /// <summary>The rules where none are written.</summary>
    public static IdentityRules Default { get; } = new();

    /// <summary>Rules by kind: of every kind but the primary one and accounts.</summary>
    public IReadOnlyDictionary<KeyKind, KeyRule> Keys { get; init; } = new Dictionary<KeyKind, KeyRule>
    {
        [KeyKind.CrmId] = new(2, 1),
        [KeyKind.Email] = new(3, 5, 180),
        [KeyKind.Phone] = new(4, 5, 180),
        [KeyKind.DeviceId] = new(8, 20),
        [KeyKind.AnonymousId] = new(9, 50),
    };

    /// <summary>Keys that join nobody.</summary>
    public IReadOnlyList<KeyPattern> Blocked { get; init; } = [];

    /// <summary>Producers that rule over identity: two profiles that one of them merges are one person. What others say is a proposal.</summary>
    public IReadOnlyCollection<string> Authoritative { get; init; } = [];

    /// <summary>A key that more people than this ever had joins nobody.</summary>
    public int SharedAfter { get; init; } = 5;

    /// <summary>True for keys that tell people: those with a rule, and the primary one.</summary>
    public bool TellsPeople(KeyKind kind) => kind == KeyKind.ExternalId || Keys.ContainsKey(kind);

    /// <summary>Where keys of a kind stand: the primary one first.</summary>
    public int PrecedenceOf(KeyKind kind) => kind == KeyKind.ExternalId ? int.MinValue : Keys.TryGetValue(kind, out var rule) ? rule.Precedence : int.MaxValue;

    /// <summary>Sorts keys as they tell people: by precedence, then by kind and value.</summary>
    public int Compare(PersonKey one, PersonKey other) => PrecedenceOf(one.Kind).CompareTo(PrecedenceOf(other.Kind)) is var order && order != 0 ? order : one.CompareTo(other);

    /// <summary>True when a pattern blocks the key.</summary>
    public bool Blocks(PersonKey key)
    {
        foreach (var pattern in Blocked)
        {
            if (pattern.Matches(key))
            {
                return true;
            }
        }

        return false;
    }
}
