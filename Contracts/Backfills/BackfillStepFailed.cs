namespace IntegrationHub.Contracts.Backfills;

/// <summary>Said by the hub when a step of a run cannot succeed by being repeated.</summary>
public sealed record BackfillStepFailed
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Name of the command that failed, for example <c>PlanBackfill</c>.</summary>
    public required string Step { get; init; }

    /// <summary>Stable reason code in snake_case.</summary>
    public required string Code { get; init; }

    /// <summary>What to do, in one sentence, without personal data.</summary>
    public required string Detail { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
