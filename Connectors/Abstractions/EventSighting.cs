namespace IntegrationHub.Connectors.Abstractions;

/// <summary>The answer to an <see cref="EventQuestion"/>.</summary>
/// <param name="RecordId">Its id.</param>
/// <param name="Presence">What the vendor shows.</param>
/// <param name="Code">With <see cref="EventPresence.Unclear"/>: why, snake_case; else null.</param>
public readonly record struct EventSighting(long RecordId, EventPresence Presence, string? Code = null);
