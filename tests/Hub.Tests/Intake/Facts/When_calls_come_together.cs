using System.Text;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.TestServers;

namespace IntegrationHub.Hub.Tests.Intake.Facts;

/// <summary>Calls that wait for the ledger are written together, and each is answered for what it held.</summary>
[TestFixture(StorageDatabase.Postgres)]
public sealed class When_calls_come_together(StorageDatabase database) : DeliveryFixture(database)
{
    [Test]
    public async Task Should_write_what_gathers_while_others_are_written_in_one_batch()
    {
        var (release, gathering, calls) = (new TaskCompletionSource(), new FactGathering(Intake()), new List<Task<IReadOnlyList<FactVerdict>>>());
        var producer = Unique("shop");
        await WriteAsync(async db =>
        {
            await Ledger.LockAsync(db, CancellationToken.None);
            calls.AddRange(Enumerable.Range(0, 2).Select(_ => gathering.TakeInAsync([Fact(producer)], CancellationToken.None)));
            await Poll.Until(async () => await CountAsync("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())") > 0, "a writer to wait");
            calls.AddRange(Enumerable.Range(1, 5).Select(facts => gathering.TakeInAsync([.. Enumerable.Range(0, facts - 1).Select(_ => Fact(producer)), Bytes("no json")], CancellationToken.None)));
        });
        var verdicts = await Task.WhenAll(calls);
        Assert.That(verdicts.Select(call => call.Count), Is.EqualTo(new[] { 1, 1, 1, 2, 3, 4, 5 }));
        Assert.That(verdicts.Skip(2).Select(call => call.Count(verdict => verdict.Quarantined is not null)), Is.All.EqualTo(1));
        Assert.That(verdicts.Skip(2).Select(call => call[^1].Quarantined?.Code), Is.All.EqualTo("json_malformed"), "each has the answers of its own");
        Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE producer = '{producer}'"), Is.EqualTo(12));
        Assert.That(await CountAsync($"SELECT count(DISTINCT xmin::text) FROM facts WHERE producer = '{producer}'"), Is.LessThanOrEqualTo(3), "transactions of seven calls: the first, one that began while it waited, and all others");
    }

    [Test]
    public async Task Should_fail_all_calls_of_a_batch_in_an_outage_and_go_on_afterwards()
    {
        var gathering = new FactGathering(Intake(transactions: new OutboxTransaction(new StumblingScopes(Scopes, stumbles: 1))));
        Assert.That(async () => await gathering.TakeInAsync([Fact(Unique("shop"))], CancellationToken.None), Throws.InvalidOperationException);
        Assert.That(await gathering.TakeInAsync([Fact(Unique("shop"))], CancellationToken.None), Has.Count.EqualTo(1));
    }

    private static ReadOnlyMemory<byte> Fact(string producer) => Bytes(
        $$$$"""{"event_id":"{{{{Guid.NewGuid()}}}}","event_type":"profile_updated","occurred_at":"2026-11-20T10:00:00Z","producer":"{{{{producer}}}}","subject":{"external_id":"{{{{Unique("p")}}}}"},"payload":{"attributes":{"city":"Bonn"}}}""");

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
