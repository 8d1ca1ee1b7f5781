namespace IntegrationHub.Contracts.Backfills;

/// <summary>Command from the saga to the hub: say why the run stands still. Answered by BackfillDiagnosed.</summary>
public sealed record DiagnoseBackfill
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Name of the destination.</summary>
    public required string Destination { get; init; }

    /// <summary>State of the run.</summary>
    public required string State { get; init; }
}
