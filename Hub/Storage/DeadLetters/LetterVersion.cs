namespace IntegrationHub.Storage.DeadLetters;

/// <summary>A correction of what one letter sends.</summary>
/// <param name="Version">From 2; the first is the letter as it was.</param>
/// <param name="ChangesJson">New values by path, as JSON. Holds personal data.</param>
/// <param name="By">Who.</param>
/// <param name="Reason">Why, or null.</param>
/// <param name="At">When.</param>
public sealed record LetterVersion(int Version, string ChangesJson, string By, string? Reason, DateTimeOffset At);
