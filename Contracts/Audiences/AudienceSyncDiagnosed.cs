namespace IntegrationHub.Contracts.Audiences;

/// <summary>Said by the hub: why a run stands still and what to do.</summary>
public sealed record AudienceSyncDiagnosed
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Stable code, as in the runbook <c>run-stalled</c>: <c>quota</c>, <c>circuit_open</c>, <c>unauthorized</c>, <c>unanswered</c> …</summary>
    public required string Code { get; init; }

    /// <summary>What to do, in one sentence, without personal data.</summary>
    public required string Detail { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
