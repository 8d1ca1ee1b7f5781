using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Ownership;

/// <summary>A truth value of a person that goes back and forth.</summary>
/// <param name="Attribute">Name of the attribute.</param>
/// <param name="Told">What a destination is told meanwhile.</param>
/// <param name="Unrest">How it goes back and forth.</param>
/// <param name="SteadyAt">When it will have come to rest, unless it changes again.</param>
internal sealed record HeldValue(string Attribute, bool Told, Unrest Unrest, DateTimeOffset SteadyAt);
