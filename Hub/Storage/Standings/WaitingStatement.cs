namespace IntegrationHub.Storage.Standings;

/// <summary>A fact that was set aside because nobody can tell whose its keys are.</summary>
/// <param name="QuarantineId">Its id in quarantine.</param>
/// <param name="EventType">Its type, or null when it could not be read.</param>
/// <param name="Code">Why.</param>
/// <param name="ReceivedAt">Since when.</param>
public sealed record WaitingStatement(Guid QuarantineId, string? EventType, string Code, DateTimeOffset ReceivedAt);
