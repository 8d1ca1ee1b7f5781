using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Intake.Quarantine;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Identities;

/// <summary>
/// Takes facts in that were set aside because nobody could be told by their keys, once somebody holds one of them: after a decision at once, else within a minute, whether by a
/// decision, by a fact, or because the key was free again. Where each key stands is asked for of two hundred keys a minute, one after the other.
/// </summary>
internal sealed partial class ContestSweeper(OutboxTransaction transactions, IdentityDesk desk, ProposalDesk proposals, QuarantineRelease release, TimeProvider time, ILogger<ContestSweeper> logger) : BackgroundService
{
    private const int Batch = 200;
    private const string Name = "identity";
    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(1);
    private WaitingKey? _last;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval, time);
        do
        {
            try
            {
                await MergeAsync(stoppingToken);
                await SweepAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Decides what producers merged who rule over identity, at most two hundred at a time.</summary>
    /// <returns>How many were decided.</returns>
    internal async Task<int> MergeAsync(CancellationToken cancellationToken)
    {
        var decided = 0;
        foreach (var proposal in await transactions.ReadAsync(db => proposals.FindMergesAsync(db, Batch, cancellationToken)))
        {
            var outcome = await transactions.RunAsync((db, _) => proposals.DecideAsync(db, proposal, time.GetUtcNow(), cancellationToken), cancellationToken);
            decided += outcome == RulingOutcome.Decided ? 1 : 0;
        }

        if (decided > 0)
        {
            LogMerged(decided);
        }

        return decided;
    }

    /// <summary>Tries what waits and whose keys are somebody's, at most two hundred facts; what is wrong with a fact for another reason stays for people.</summary>
    /// <returns>How many were taken in.</returns>
    internal async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        _last = await transactions.RunAsync((db, _) => desk.SettleKeysAsync(db, _last, time.GetUtcNow(), Batch, cancellationToken), cancellationToken);
        var told = await transactions.RunAsync((db, _) => IdentityDesk.FindToldAsync(db, Batch, cancellationToken), cancellationToken);
        var taken = 0;
        foreach (var quarantineId in told)
        {
            taken += await ReplayAsync(quarantineId, cancellationToken) ? 1 : 0;
            await transactions.RunAsync((db, _) => IdentityDesk.EndWaitAsync(db, quarantineId, cancellationToken), cancellationToken);
        }

        if (told.Count > 0)
        {
            LogTried(told.Count, taken);
        }

        return taken;
    }

    /// <summary>A fact that the hub itself fails at holds up none of those behind it.</summary>
    private async Task<bool> ReplayAsync(Guid quarantineId, CancellationToken cancellationToken)
    {
        try
        {
            return (await release.ReplayAsync(quarantineId, Name, cancellationToken)).Fact is not null;
        }
        catch (Exception exception) when (!FactRoutes.IsOutage(exception) && !cancellationToken.IsCancellationRequested)
        {
            LogLeft(quarantineId, exception.GetType().Name);
            return false;
        }
    }

    [LoggerMessage(3730, LogLevel.Error, "Quarantine {QuarantineId}: the hub failed at the fact ({Error}) and leaves it to people")]
    private partial void LogLeft(Guid quarantineId, string error);

    [LoggerMessage(1341, LogLevel.Information, "Of {Count} facts that were set aside because nobody could be told by their keys, {Taken} were taken in")]
    private partial void LogTried(int count, int taken);

    [LoggerMessage(1343, LogLevel.Information, "{Count} merges that producers stated who rule over identity were decided")]
    private partial void LogMerged(int count);

    [LoggerMessage(1342, LogLevel.Warning, "Facts that were set aside because nobody could be told by their keys could not be tried again ({Error}); that is done in a minute")]
    private partial void LogFailed(string error);
}
