namespace IntegrationHub.Contracts.Audiences;

/// <summary>Command from the saga to the hub: settle what is pending for a canceled run. Answered by DeliveriesCanceled.</summary>
public sealed record CancelDeliveries
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Name of the destination.</summary>
    public required string Destination { get; init; }
}
