namespace IntegrationHub.Contracts.Backfills;

/// <summary>Lifecycle fact, said by the saga when a run waits for a person, stands still, or is over.</summary>
public sealed record BackfillRunChanged
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>One of <see cref="BackfillKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Name of the destination.</summary>
    public required string Destination { get; init; }

    /// <summary>State of the run, as in RunState.</summary>
    public required string State { get; init; }

    /// <summary>Why: code of the failure or of the diagnosis; null when there is none.</summary>
    public string? Code { get; init; }

    /// <summary>What to do, in one sentence; null without a code.</summary>
    public string? Detail { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
