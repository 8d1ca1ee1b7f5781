namespace IntegrationHub.Contracts.Audiences;

/// <summary>Command from the saga to the hub: ring the doorbell of every partition that has work for the run. Answered by AudienceSyncDelivered at once when there is none.</summary>
public sealed record DeliverAudienceSync
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Name of the destination.</summary>
    public required string Destination { get; init; }
}
