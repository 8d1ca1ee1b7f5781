namespace IntegrationHub.Storage.Runs;

/// <summary>A run or an erasure that was asked for and does not stand yet.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Command"><see cref="AskedRuns.Sync"/>, <see cref="AskedRuns.Backfill"/> or <see cref="AskedRuns.Erasure"/>.</param>
/// <param name="Body">Its command as JSON text.</param>
public sealed record AskedRun(Guid RunId, string Command, string Body);
