namespace IntegrationHub.Connectors.Abstractions;

/// <summary>An event that the vendor may have. Contains personal data: never log it.</summary>
/// <param name="RecordId">The caller's id of the question.</param>
/// <param name="Key">Identity key of the person now, in the vendor's normal form.</param>
/// <param name="RemoteId">The vendor's id of the person as the hub knows it, or null.</param>
/// <param name="Event">The event as it was sent.</param>
/// <param name="SentFrom">It was not sent before.</param>
/// <param name="SentUntil">It was not sent later.</param>
public sealed record EventQuestion(long RecordId, string Key, string? RemoteId, Behavior Event, DateTimeOffset SentFrom, DateTimeOffset SentUntil);
