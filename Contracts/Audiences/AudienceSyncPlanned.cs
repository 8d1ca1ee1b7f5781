namespace IntegrationHub.Contracts.Audiences;

/// <summary>Said by the hub once the plan of a run stands in the database. Repeats carry the same numbers.</summary>
public sealed record AudienceSyncPlanned
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Records in the plan, settled ones included.</summary>
    public required long Planned { get; init; }

    /// <summary>Members that the plan adds.</summary>
    public required long ToAdd { get; init; }

    /// <summary>Members that the plan removes.</summary>
    public required long ToRemove { get; init; }

    /// <summary>Members whose profile the plan updates.</summary>
    public required long ToUpdate { get; init; }

    /// <summary>
    /// Members that the destination has now as far as the hub knows; the base of the guardrails. Counted only as far as they need it:
    /// exact when they hold the plan back, otherwise at least this many.
    /// </summary>
    public required long CurrentMembers { get; init; }

    /// <summary>
    /// Rows of the audience's last list that could not be read, not even whom they are about, while the plan removes people who may be among
    /// them: somebody has to look before anybody is removed. 0 when nobody's removal is in doubt.
    /// </summary>
    public long UnreadRows { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
