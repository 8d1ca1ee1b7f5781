namespace IntegrationHub.Storage.DeadLetters;

/// <summary>What became of letters of an action.</summary>
/// <param name="Status">One of <see cref="LetterStatus"/>; <c>open</c> when they were given back.</param>
/// <param name="Code">Reason code; empty for none.</param>
/// <param name="Count">How many.</param>
public sealed record LetterResult(string Status, string Code, long Count);
