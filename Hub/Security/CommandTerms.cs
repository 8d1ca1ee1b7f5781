namespace IntegrationHub.Hub.Security;

/// <summary>
/// What a command comes with, beside who calls and the <c>Idempotency-Key</c> that each may have (<see cref="CommandGate"/>): why, and what was looked at. Each route of a command says it
/// (<see cref="CommandRouting.Takes"/>); the reference page of commands is made of it.
/// </summary>
internal sealed record CommandTerms
{
    /// <summary>In place of a condition.</summary>
    public const string Always = "always";

    /// <summary>Member of the body that says why; null for what only reads.</summary>
    public string? Why { get; init; } = "reason";

    /// <summary>When it has to be said why: <see cref="Always"/>, or a condition, as <c>when it is loud</c>; null where it may be said.</summary>
    public string? WhyNeeded { get; init; }

    /// <summary>Member of the body that names what was looked at: a plan's hash, a run's version, a count; null where nothing is decided by what could be another by then.</summary>
    public string? Seen { get; init; }

    /// <summary>When that has to be named; as <see cref="WhyNeeded"/>.</summary>
    public string? SeenNeeded { get; init; }

    /// <summary>Where <see cref="Seen"/> is null: why nothing has to be.</summary>
    public string? InPlace { get; init; }

    /// <summary>Decides nothing that could be another by then.</summary>
    /// <param name="inPlace">Why not.</param>
    /// <param name="whyNeeded">As <see cref="WhyNeeded"/>.</param>
    public static CommandTerms Blind(string inPlace, string? whyNeeded = null) => new() { InPlace = inPlace, WhyNeeded = whyNeeded };

    /// <summary>A question that needs the scope of commands; it changes nothing.</summary>
    public static CommandTerms Question { get; } = new() { Why = null, InPlace = "it only reads" };
}
