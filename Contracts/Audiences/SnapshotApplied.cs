namespace IntegrationHub.Contracts.Audiences;

/// <summary>Said by the hub once a run's snapshot stands in the ledger, also when another run had applied it before.</summary>
public sealed record SnapshotApplied
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
