namespace IntegrationHub.Contracts.Backfills;

/// <summary>Said by the hub: why a run stands still and what to do.</summary>
public sealed record BackfillDiagnosed
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Stable code, as of an audience sync.</summary>
    public required string Code { get; init; }

    /// <summary>What to do, in one sentence, without personal data.</summary>
    public required string Detail { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
