namespace IntegrationHub.Storage.Ledger;

/// <summary>How a truth value goes back and forth.</summary>
/// <param name="SinceAt">When the first of the changes was, unix ms.</param>
/// <param name="LastAt">When the last of them was, unix ms.</param>
/// <param name="Changes">How many there were; 0 of a value that never changed.</param>
public readonly record struct Unrest(long SinceAt, long LastAt, int Changes);
