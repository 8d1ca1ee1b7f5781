namespace IntegrationHub.Identity;

/// <summary>Where a key stands, and whose it is. Personal data.</summary>
/// <param name="State">Where it stands.</param>
/// <param name="Person">The person's first key when it is held, else null: the smallest primary one, of somebody anonymous the first by precedence.</param>
/// <param name="Candidates">The first keys of those who claim it when it is contested, else empty.</param>
public sealed record ResolvedKey(KeyState State, PersonKey? Person, IReadOnlyList<PersonKey> Candidates)
{
    /// <summary>A key that joins nobody.</summary>
    public static ResolvedKey Blocked { get; } = new(KeyState.Blocked, null, []);

    /// <summary>A key of exactly one person.</summary>
    public static ResolvedKey HeldBy(PersonKey person) => new(KeyState.Held, person, []);

    /// <summary>A key that several people claim.</summary>
    public static ResolvedKey ContestedBy(IEnumerable<PersonKey> candidates) => new(KeyState.Contested, null, [.. candidates.Order()]);
}
