using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Storage.DeadLetters;

/// <summary>What the vendor shows of a letter's event.</summary>
/// <param name="LetterId">The letter.</param>
/// <param name="Presence">What it shows.</param>
/// <param name="Code">Reason code, which tells who said it.</param>
public readonly record struct LetterSighting(long LetterId, EventPresence Presence, string Code);
