namespace IntegrationHub.Hub.Configuration;

/// <summary>The rules of one purpose.</summary>
/// <param name="Name">The purpose.</param>
/// <param name="Granted">Rule for a person who granted it; null when there is none.</param>
/// <param name="Denied">Rule for a person who denied or withdrew it; null when there is none.</param>
/// <param name="Unknown">Rule for a person of whom nothing is known; null when there is none.</param>
internal sealed record ConsentPurpose(string Name, ConsentRule? Granted, ConsentRule? Denied, ConsentRule? Unknown);
