namespace IntegrationHub.Contracts.Backfills;

/// <summary>Command to the backfill saga: plan what a backfill, or the rollback of one, would write at a destination. What it is about stands with the run in the database. A repeat for the same run is ignored.</summary>
public sealed record StartBackfill
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>One of <see cref="BackfillKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Name of the destination.</summary>
    public required string Destination { get; init; }

    /// <summary>Key of the audience, or empty when the run is about a list of people.</summary>
    public required string Audience { get; init; }

    /// <summary>With <see cref="BackfillKind.Rollback"/>: the run whose writes are taken back; else null.</summary>
    public Guid? RollsBack { get; init; }

    /// <summary>Who: a principal, never a person the hub has data of; up to 128 characters.</summary>
    public required string By { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
