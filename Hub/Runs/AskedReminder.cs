using System.Text.Json;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Sagas.Erasure.Messages;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Runs;

/// <summary>Says again, at start, the commands of runs and erasures that were asked for and do not stand: the in-memory bus forgets them when the process dies. A run that stands ignores its command.</summary>
internal sealed partial class AskedReminder(OutboxTransaction transactions, IRunStore runs, TimeProvider time, ILogger<AskedReminder> logger)
{
    /// <summary>Goes through all of them.</summary>
    /// <returns>How many were said again.</returns>
    public Task<int> RemindAsync(CancellationToken cancellationToken) => transactions.RunAsync(
        async (db, bus) =>
        {
            var said = 0;
            foreach (var asked in await AskedRuns.ListAsync(db, time.GetUtcNow(), cancellationToken))
            {
                switch (CommandOf(asked))
                {
                    case StartAudienceSync sync when !await runs.TryReserveAsync(db, sync.Audience, sync.Destination, sync.RunId, time.GetUtcNow(), cancellationToken):
                        // Its reservation ended meanwhile, and another run has the place.
                        await AskedRuns.ForgetAsync(db, asked.RunId, cancellationToken);
                        continue;
                    case { } command:
                        await bus.Publish(command, cancellationToken);
                        LogSaysAgain(asked.RunId);
                        said++;
                        break;
                    default:
                        LogUnreadable(asked.RunId);
                        break;
                }
            }

            return said;
        },
        cancellationToken);

    /// <summary>The command; null when this version cannot read it, which costs the others nothing.</summary>
    private static object? CommandOf(AskedRun asked)
    {
        try
        {
            return asked.Command switch
            {
                AskedRuns.Sync => JsonSerializer.Deserialize<StartAudienceSync>(asked.Body),
                AskedRuns.Backfill => JsonSerializer.Deserialize<StartBackfill>(asked.Body),
                AskedRuns.Erasure => JsonSerializer.Deserialize<RequestErasure>(asked.Body),
                _ => null,
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [LoggerMessage(3501, LogLevel.Information, "Run {RunId}: was asked for and does not stand; its command is said again")]
    private partial void LogSaysAgain(Guid runId);

    [LoggerMessage(3502, LogLevel.Warning, "Run {RunId}: was asked for and does not stand, and this version cannot read its command in asked_runs; ask for it again")]
    private partial void LogUnreadable(Guid runId);
}
