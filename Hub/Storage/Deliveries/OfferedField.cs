namespace IntegrationHub.Storage.Deliveries;

/// <summary>A field that is written once and stands in a record.</summary>
/// <param name="Name">The vendor's field.</param>
/// <param name="IsFirst">True when it was never offered to the destination before for the person: a clear no of the vendor leaves it unwritten.</param>
public sealed record OfferedField(string Name, bool IsFirst);
