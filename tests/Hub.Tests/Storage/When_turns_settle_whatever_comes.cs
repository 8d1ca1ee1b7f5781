using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>Owners take turns on a run of sixty people, and whatever becomes of the work the ledger balances. A failure shows the fewest turns that lead to it.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_turns_settle_whatever_comes(StorageDatabase database) : StorageFixture(database)
{
    private const int People = 60;
    private const int Partitions = 3;

    [FsCheck.NUnit.Property(MaxTest = 4, StartSize = 10, EndSize = 30)]
    public async Task<bool> Should_balance_after_every_step(Turn[] turns)
    {
        var (audience, destination) = (Unique("aud"), Unique("dest"));
        await ApplyAsync(audience, "full", 0, [.. Enumerable.Range(0, People).Select(_ => Unique("p"))]);
        var run = await StartRunAsync(audience, destination: destination);
        await PlanAsync(run, audience, destination: destination, partitions: Partitions);
        for (var minute = 0; minute < turns.Length; minute++)
        {
            var turn = turns[minute];
            var lease = await LeaseAsync($"o{turn.Owner % 3}", turn.Partition % Partitions, destination);
            var claim = await ClaimAsync(lease, 1 + (turn.Claims % 8), minute);
            await SettleAsync(lease, claim.Select((delivery, at) => Settle(delivery, turn.Becomes.Length == 0 ? Fate.Delivered : turn.Becomes[at % turn.Becomes.Length], minute)));
            if (turn.Cancels)
            {
                await WriteAsync(db => Deliveries.CancelAsync(db, run, turn.Claims % 4, Noon, CancellationToken.None));
            }

            if (!await IsBalancedAsync(run))
            {
                return false;
            }
        }

        for (var partition = 0; partition < Partitions; partition++)
        {
            var lease = await LeaseAsync("last", partition, destination);
            while (await ClaimAsync(lease, minute: turns.Length + 1) is { Count: > 0 } rest)
            {
                await SettleAsync(lease, rest.Select(Delivered));
            }
        }

        var counts = (await RunAsync(run)).Counts;
        return await IsBalancedAsync(run) && counts is { Planned: People, Pending: 0 } && await CountRowsAsync("dead_letters", run) == counts.Rejected + counts.DeadLettered;
    }

    private static Settlement Settle(ClaimedDelivery delivery, Fate fate, int minute) => fate switch
    {
        Fate.Later => Later(delivery, minute + 1),
        Fate.LaterForFree => Later(delivery, minute + 1, costs: false),
        Fate.Rejected => Ended(delivery, LedgerOutcome.Rejected, "no"),
        Fate.DeadLettered => Ended(delivery, LedgerOutcome.DeadLettered, "gave_up"),
        Fate.Suppressed => Ended(delivery, LedgerOutcome.Suppressed, "consent_denied"),
        Fate.Unchanged => Delivered(delivery) with { Outcome = LedgerOutcome.Unchanged },
        _ => Delivered(delivery),
    };

    private async Task<bool> IsBalancedAsync(Guid run)
    {
        var counts = (await RunAsync(run)).Counts;
        return counts.Balances && await CountRowsAsync("outcomes", run) == counts.Planned - counts.Pending && await CountRowsAsync("deliveries", run) == counts.Pending;
    }

    /// <summary>What becomes of a delivery.</summary>
    public enum Fate
    {
        Delivered,
        Unchanged,
        Rejected,
        DeadLettered,
        Suppressed,
        Later,
        LaterForFree,
    }

    /// <summary>A claim and what becomes of it, and whether up to three others are canceled after it.</summary>
    public sealed record Turn(byte Owner, byte Partition, byte Claims, bool Cancels, Fate[] Becomes);
}
