namespace IntegrationHub.Storage.Deliveries;

/// <summary>A field that is written once, and how it stands of one person at one destination.</summary>
/// <param name="ProfileId">The person.</param>
/// <param name="Field">The vendor's field.</param>
/// <param name="OfferedHash">Hash of the value that was sent and of which nobody knows whether it arrived, empty when that is no single value any more; null once it was written.</param>
/// <param name="WrittenAt">When the vendor confirmed it, the earliest time; null while it is in doubt.</param>
public sealed record WrittenField(long ProfileId, string Field, string? OfferedHash, DateTimeOffset? WrittenAt);
