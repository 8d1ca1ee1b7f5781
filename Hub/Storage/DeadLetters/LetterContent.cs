using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Storage.DeadLetters;

/// <summary>What a letter is made of now: the person, and of an event the fact. Holds personal data.</summary>
/// <param name="Operation">What it does; null where this version does not know it.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Version">Its version.</param>
/// <param name="ExternalId">The person's id, or null.</param>
/// <param name="Email">Or null.</param>
/// <param name="Phone">Or null.</param>
/// <param name="AttributesJson">Attributes of the person.</param>
/// <param name="EventJson">The fact that states the event; null where it is none, or kept no longer.</param>
public sealed record LetterContent(Operation? Operation, string Status, int Version, string? ExternalId, string? Email, string? Phone, string AttributesJson, string? EventJson);
