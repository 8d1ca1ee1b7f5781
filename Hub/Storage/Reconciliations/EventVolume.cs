namespace IntegrationHub.Storage.Reconciliations;

/// <summary>Events of one name in a span: what a destination was owed, and what became of it.</summary>
/// <param name="EventName">The canonical name.</param>
/// <param name="Since">When the span begins.</param>
/// <param name="Until">When it ends; not part of it.</param>
/// <param name="Owed">Events that the hub received in the span and owed the destination.</param>
/// <param name="Delivered">Of those received in the span, events that the destination confirmed.</param>
/// <param name="Ended">Of those, events that ended otherwise: held back, refused, given up.</param>
/// <param name="Pending">Of those, events that still wait.</param>
/// <param name="Happened">Confirmed events that happened in the span, whenever they were received, as far as they are no purchases, which vendors count elsewhere.</param>
/// <param name="Told">How many the vendor counts in the span; null where it was not asked.</param>
public sealed record EventVolume(string EventName, DateTimeOffset Since, DateTimeOffset Until, long Owed, long Delivered, long Ended, long Pending, long Happened, long? Told)
{
    /// <summary>Events that were owed, and neither have an outcome nor wait for one; 0 or less when all are accounted for.</summary>
    public long Unaccounted => Owed - Delivered - Ended - Pending;
}
