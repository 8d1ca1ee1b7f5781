using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Backfills;

/// <summary>Brings the state of the people of a rebuild to what the log says, a few in each transaction, and looks at them once more.</summary>
internal sealed class RebuildWorker(OutboxTransaction transactions, ILedger ledger, RebuildFacts facts, TimeProvider time)
{
    /// <summary>Few: while they are written nobody else writes the ledger.</summary>
    private const int PeopleAtOnce = 100;
    private static readonly TimeSpan _turn = TimeSpan.FromSeconds(20);

    /// <summary>Takes a turn.</summary>
    /// <returns>True when nobody is left, false when the turn is over or the run stands still.</returns>
    public async Task<bool> RunAsync(Guid runId, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var people = await transactions.ReadAsync(db => RebuildBook.NextAsync(db, runId, looked: true, PeopleAtOnce, cancellationToken));
            if (people.Count == 0)
            {
                return true;
            }

            var said = await facts.ReadAsync(people, cancellationToken);
            var goesOn = await transactions.RunAsync(
                async (db, bus) =>
                {
                    if ((await BackfillBook.FindAsync(db, runId, cancellationToken))?.Run.CurrentState != RunState.Delivering)
                    {
                        return (false, false);
                    }

                    var changed = await ledger.RestateAsync(db, said, cancellationToken);
                    await RebuildBook.SettleAsync(db, runId, people, [.. changed.Select(person => person.ProfileId)], time.GetUtcNow(), cancellationToken);
                    await bus.Publish(new BackfillProgressed { RunId = runId, Settled = people.Count, At = time.GetUtcNow() }, cancellationToken);
                    return (true, true);
                },
                cancellationToken);
            if (!goesOn || time.GetElapsedTime(started) > _turn)
            {
                return false;
            }
        }
    }

    /// <summary>Of the people whom a run changed, how many there are and of how many the log says something else.</summary>
    public async Task<(long Changed, long Differing)> LookAgainAsync(Guid runId, CancellationToken cancellationToken)
    {
        var (changed, differing, after) = (0L, 0L, 0L);
        while (await transactions.ReadAsync(db => RebuildBook.ReadChangedAsync(db, runId, after, PeopleAtOnce, cancellationToken)) is { Count: > 0 } people)
        {
            var said = await facts.ReadAsync(people, cancellationToken);
            var found = await transactions.ReadAsync(db => ledger.PreviewAsync(db, said, cancellationToken));
            (changed, differing, after) = (changed + people.Count, differing + people.Intersect(found.Select(person => person.ProfileId)).LongCount(), people[^1]);
        }

        return (changed, differing);
    }
}
