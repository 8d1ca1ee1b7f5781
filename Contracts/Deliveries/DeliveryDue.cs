namespace IntegrationHub.Contracts.Deliveries;

/// <summary>
/// The doorbell, sent by the hub to <c>deliver-{destination}</c>: this partition of this lane has work in the database. Losing or
/// repeating one is harmless: whoever answers takes the partition's lease, and a sweeper rings again.
/// </summary>
public sealed record DeliveryDue
{
    /// <summary>Name of the destination.</summary>
    public required string Destination { get; init; }

    /// <summary><c>urgent</c>, <c>live</c>, <c>bulk</c> or <c>backfill</c>. Another value is answered like <c>bulk</c>.</summary>
    public required string Lane { get; init; }

    /// <summary>Partition of subjects, from 0.</summary>
    public required int Partition { get; init; }
}
