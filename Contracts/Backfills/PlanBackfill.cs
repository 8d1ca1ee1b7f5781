namespace IntegrationHub.Contracts.Backfills;

/// <summary>Command from the saga to the hub: decide what the run owes. Answered by BackfillPlanned.</summary>
public sealed record PlanBackfill
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>One of <see cref="BackfillKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Name of the destination.</summary>
    public required string Destination { get; init; }
}
