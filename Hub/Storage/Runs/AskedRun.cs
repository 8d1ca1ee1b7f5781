namespace IntegrationHub.Storage.Runs;

/// <summary>A run that was asked for and does not stand yet.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Command"><see cref="AskedRuns.Sync"/> or <see cref="AskedRuns.Backfill"/>.</param>
/// <param name="Body">Its command as JSON text.</param>
public sealed record AskedRun(Guid RunId, string Command, string Body);
