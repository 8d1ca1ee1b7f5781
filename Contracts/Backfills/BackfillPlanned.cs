namespace IntegrationHub.Contracts.Backfills;

/// <summary>Said by the hub once the plan of a run stands in the database. Repeats carry the same numbers.</summary>
public sealed record BackfillPlanned
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Records in the plan, settled ones included.</summary>
    public required long Planned { get; init; }

    /// <summary>Records that would be written.</summary>
    public required long ToWrite { get; init; }

    /// <summary>Names the plan: an approval is for this hash.</summary>
    public required string PlanHash { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
