namespace IntegrationHub.Storage.Watch;

/// <summary>What was settled for a lane of a destination in a time.</summary>
/// <param name="Destination">The destination.</param>
/// <param name="Lane">The lane.</param>
/// <param name="Minute">Beginning of the minute; of a sum, of its last one.</param>
public sealed record DeliveryMinute(string Destination, string Lane, DateTimeOffset Minute)
{
    /// <summary>Records that the vendor confirmed.</summary>
    public long Delivered { get; init; }

    /// <summary>Records that were at the vendor already.</summary>
    public long Unchanged { get; init; }

    /// <summary>Records that policy held back.</summary>
    public long Suppressed { get; init; }

    /// <summary>Records that the vendor refused.</summary>
    public long Rejected { get; init; }

    /// <summary>Records that were given up.</summary>
    public long DeadLettered { get; init; }

    /// <summary>Attempts that failed and are repeated.</summary>
    public long Retried { get; init; }

    /// <summary>From owed to done, of what was delivered or unchanged.</summary>
    public LagHistogram Lag { get; init; } = new();

    /// <summary>What was tried: everything but what policy held back.</summary>
    public long Attempted => Delivered + Unchanged + Rejected + DeadLettered + Retried;

    /// <summary>Share of what was tried that failed, from 0 to 1; 0 when nothing was tried.</summary>
    public double ErrorShare => Attempted == 0 ? 0 : (double)(Rejected + DeadLettered + Retried) / Attempted;
}
