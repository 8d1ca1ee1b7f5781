namespace IntegrationHub.Contracts.Audiences;

/// <summary>Lifecycle fact, said by the saga when a guardrail holds a run until a person approves.</summary>
public sealed record AudienceSyncAwaitingApproval
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Key of the audience.</summary>
    public required string Audience { get; init; }

    /// <summary>Name of the destination.</summary>
    public required string Destination { get; init; }

    /// <summary><c>unread_rows</c>, <c>mass_removal</c> or <c>mass_addition</c>.</summary>
    public required string Reason { get; init; }

    /// <summary>Members that the plan would remove.</summary>
    public required long ToRemove { get; init; }

    /// <summary>Members that the plan would add.</summary>
    public required long ToAdd { get; init; }

    /// <summary>Members that the destination has now as far as the hub knows.</summary>
    public required long CurrentMembers { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
