namespace IntegrationHub.Contracts.Backfills;

/// <summary>Command of a person: let the plan that was looked at be delivered. Ignored when the run has another plan by now.</summary>
public sealed record ApproveBackfill
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Hash of the plan that was looked at.</summary>
    public required string PlanHash { get; init; }

    /// <summary>Who: a principal, never a person the hub has data of; up to 128 characters.</summary>
    public required string By { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
