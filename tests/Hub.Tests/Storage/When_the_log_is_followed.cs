using System.Collections.Concurrent;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>Who follows the log by position, while others write, misses nothing and meets nothing twice: positions become visible in their order.</summary>
[TestFixture(StorageDatabase.Postgres)]
public sealed class When_the_log_is_followed(StorageDatabase database) : StorageFixture(database)
{
    private const int Writers = 6;
    private const int Batches = 40;

    [Test]
    public async Task Should_miss_nothing_of_what_many_write_at_once()
    {
        var written = new ConcurrentBag<Guid>();
        var writers = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var batch = 0; batch < Batches; batch++)
            {
                LedgerFact[] facts = [.. Enumerable.Range(0, 1 + ((writer * 7) + batch) % 20).Select(i => Profile($"w{writer}-{i}", "{}", batch))];
                await AppendAsync(facts);
                Array.ForEach(facts, fact => written.Add(fact.EventId));
            }
        })));

        var (met, after, isDone) = (new List<Guid>(), 0L, false);
        while (true)
        {
            var page = await ReadAsync(db => FactLog.ReadAsync(db, after, new LogFilter(), 50, CancellationToken.None));
            met.AddRange(page.Facts.Select(fact => fact.EventId));
            after = page.Next;
            if (page.IsLast && isDone)
            {
                break;
            }

            isDone = writers.IsCompleted; // read once more after the last commit
        }

        await writers;
        Assert.That(met, Is.EquivalentTo(written));
    }
}
