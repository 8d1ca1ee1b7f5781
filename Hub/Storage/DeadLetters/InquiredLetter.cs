namespace IntegrationHub.Storage.DeadLetters;

/// <summary>An ambiguous letter that the vendor is asked about. Holds personal data.</summary>
/// <param name="LetterId">The letter.</param>
/// <param name="ExternalId">The person's id now, or null.</param>
/// <param name="Email">Or null.</param>
/// <param name="RemoteId">The vendor's id of the person, or null.</param>
/// <param name="EventJson">The fact that states the event; null when it is kept no longer.</param>
/// <param name="SentFrom">It was not sent before.</param>
/// <param name="SentUntil">It was not sent later.</param>
public sealed record InquiredLetter(long LetterId, string? ExternalId, string? Email, string? RemoteId, string? EventJson, DateTimeOffset SentFrom, DateTimeOffset SentUntil)
{
    /// <summary>It was sent so that nothing at the vendor starts by it.</summary>
    public bool IsQuiet { get; init; }
}
