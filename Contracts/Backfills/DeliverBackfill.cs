namespace IntegrationHub.Contracts.Backfills;

/// <summary>Command from the saga to the hub: ring for the deliveries of the run.</summary>
public sealed record DeliverBackfill
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Name of the destination.</summary>
    public required string Destination { get; init; }
}
