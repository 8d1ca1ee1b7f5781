namespace IntegrationHub.Storage.DeadLetters;

/// <summary>Something that happened to a letter.</summary>
/// <param name="At">When.</param>
/// <param name="ActionId">By which action, or null.</param>
/// <param name="Status">How it stood then.</param>
/// <param name="Code">Reason code of the outcome; empty for none.</param>
public sealed record LetterEntry(DateTimeOffset At, long? ActionId, string Status, string Code);
