namespace IntegrationHub.Contracts.Audiences;

/// <summary>Command from the saga to the hub: merge a loaded snapshot into the ledger. Harmless to repeat; answered by SnapshotApplied or AudienceSyncStepFailed.</summary>
public sealed record ApplySnapshot
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Key of the audience.</summary>
    public required string Audience { get; init; }

    /// <summary>Name of the destination.</summary>
    public required string Destination { get; init; }

    /// <summary>The snapshot.</summary>
    public required Guid SnapshotId { get; init; }
}
