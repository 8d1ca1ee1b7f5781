namespace IntegrationHub.Storage.Ledger;

/// <summary>How many facts came in.</summary>
/// <param name="EventType">Their type.</param>
/// <param name="Producer">Who stated them.</param>
/// <param name="Facts">How many were new and taken in.</param>
/// <param name="Quarantined">How many were set aside.</param>
public sealed record FactVolume(string EventType, string Producer, long Facts, long Quarantined);
