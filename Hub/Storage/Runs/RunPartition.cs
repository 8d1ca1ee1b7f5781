namespace IntegrationHub.Storage.Runs;

/// <summary>What of a run waits in one partition of the queue.</summary>
/// <param name="Number">The partition.</param>
/// <param name="Pending">Records that wait there, as many as were looked at (<see cref="RunPartitions.MostLooked"/>).</param>
/// <param name="Oldest">Since when the oldest is owed.</param>
/// <param name="NextAt">When the first of them is due.</param>
/// <param name="Attempts">Most attempts that one of them had.</param>
/// <param name="LastCode">A code that one of them met last; null when none was tried.</param>
/// <param name="Owner">The turn that works on it: name of its hub, a hyphen, a number; null when none does.</param>
public sealed record RunPartition(int Number, long Pending, DateTimeOffset Oldest, DateTimeOffset NextAt, int Attempts, string? LastCode, string? Owner);
