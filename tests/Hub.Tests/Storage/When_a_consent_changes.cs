using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>A changed consent is owed at once to the destinations that keep it and know the person.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_consent_changes(StorageDatabase database) : StorageFixture(database)
{
    private static readonly DateTimeOffset Soon = TimeProvider.System.GetUtcNow().AddHours(1);
    private string _destination = null!;

    [SetUp]
    public Task Route()
    {
        _destination = Unique("dest");
        return WriteAsync(db => Ledger.RouteConsentsAsync(db, [new ConsentRoute(_destination, "email_marketing")], partitions: 4, CancellationToken.None));
    }

    [Test]
    public async Task Should_owe_it_to_a_destination_that_knows_the_person_and_to_no_other()
    {
        var (known, stranger) = (Unique("known"), Unique("stranger"));
        await MakeKnownAsync(known);
        await AppendAsync(Profile(stranger, "{}"));
        await AppendAsync(Consent(known, "denied", 5), Consent(stranger, "denied", 5));

        var owed = await ClaimLiveAsync();

        Assert.That(owed.Select(delivery => (delivery.ExternalId, delivery.Operation)), Is.EqualTo(new[] { (known, Operation.SetConsent) }));
        Assert.That(owed[0].ConsentJson, Does.Contain("denied"));
        Assert.That(owed[0].RunId, Is.EqualTo(LiveStream.IdOf(_destination)));
    }

    [Test]
    public async Task Should_owe_it_where_a_run_may_make_the_person_known_in_a_moment()
    {
        var (person, audience) = (Unique("p"), Unique("aud"));
        await ApplyAsync(audience, "full", 0, person);
        await StartRunAsync(audience, "Delivering", _destination);
        await AppendAsync(Consent(person, "denied", 5));
        Assert.That(await ClaimLiveAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Should_owe_nothing_when_the_status_stays_or_nobody_keeps_the_purpose()
    {
        var person = Unique("p");
        await MakeKnownAsync(person);
        await AppendAsync(Consent(person, "denied", 5));
        await SettleLiveAsync(await ClaimLiveAsync());
        await AppendAsync(Consent(person, "denied", 6));
        await WriteAsync(db => Ledger.RouteConsentsAsync(db, [], 4, CancellationToken.None));
        await AppendAsync(Consent(person, "granted", 7));
        Assert.That(await ClaimLiveAsync(), Is.Empty);
    }

    [Test]
    public async Task Should_claim_the_newest_decision_whatever_was_owed_before_and_arrives_late()
    {
        var person = Unique("p");
        await MakeKnownAsync(person);
        await AppendAsync(Consent(person, "denied", 5));
        await AppendAsync(Consent(person, "granted", 7));
        await AppendAsync(Consent(person, "denied", 6));
        var claimed = await ClaimLiveAsync();
        Assert.That(claimed, Is.Not.Empty);
        Assert.That(claimed.Select(delivery => delivery.ConsentJson), Has.All.Contains("granted").And.All.Not.Contains("denied"));
    }

    [Test]
    public async Task Should_keep_the_latest_outcome_of_each_person_and_count_no_run()
    {
        var person = Unique("p");
        await MakeKnownAsync(person);
        foreach (var (status, minute) in new[] { ("denied", 5), ("granted", 6) })
        {
            await AppendAsync(Consent(person, status, minute));
            var runs = await SettleLiveAsync(await ClaimLiveAsync());
            Assert.That(runs, Is.Empty, "the live stream is no run");
        }

        Assert.That(await CountRowsAsync("outcomes", LiveStream.IdOf(_destination)), Is.EqualTo(1));
        Assert.That(await CountRowsAsync("run_tallies", LiveStream.IdOf(_destination)), Is.Zero);
    }

    [Test]
    public async Task Should_be_found_as_work_until_somebody_holds_the_lease()
    {
        var person = Unique("p");
        await MakeKnownAsync(person);
        await AppendAsync(Consent(person, "denied", 5));
        var work = (await FindLiveWorkAsync()).Single(partition => partition.Destination == _destination);
        Assert.That(work.Lane, Is.EqualTo("urgent"));
        await TakeAsync(work.Partition);
        Assert.That((await FindLiveWorkAsync()).Where(partition => partition.Destination == _destination), Is.Empty);
    }

    /// <summary>A rule ends grants without a line in the ledger and without moving anybody: who hears of it, hears of it from here.</summary>
    [Test]
    public async Task Should_owe_what_a_rule_has_ended_once_and_have_audiences_decide_anew()
    {
        var (early, late, purpose, audience) = (Unique("early"), Unique("late"), Unique("purpose"), Unique("aud"));
        await WriteAsync(db => Ledger.RouteConsentsAsync(db, [new ConsentRoute(_destination, purpose)], partitions: 4, CancellationToken.None));
        await MakeKnownAsync(early, audience);
        await MakeKnownAsync(late);
        await AppendAsync(Granted(early, 5), Granted(late, 9));
        await SettleLiveAsync(await ClaimLiveAsync());
        await ExecuteAsync($"DELETE FROM audience_changes WHERE audience = '{audience}'");
        await ExecuteAsync($"INSERT INTO audience_routes (audience, destination) VALUES ('{audience}', '{_destination}')");

        Assert.That(await TellAsync(upTo: 7), Is.EqualTo(1));
        var owed = await ClaimLiveAsync();
        Assert.That(owed.Select(delivery => (delivery.ExternalId, delivery.Operation)), Is.EqualTo(new[] { (early, Operation.SetConsent) }));
        Assert.That(await CountAsync($"SELECT count(*) FROM audience_changes WHERE audience = '{audience}'"), Is.EqualTo(1));

        await SettleLiveAsync(owed);
        Assert.That(await TellAsync(upTo: 8), Is.Zero, "each once");
        await AppendAsync(Granted(early, 10));
        Assert.That(await TellAsync(upTo: 11), Is.EqualTo(2), "a grant that is given again ends again");

        LedgerFact Granted(string person, int minute)
        {
            var fact = Consent(person, "granted", minute);
            return fact with { Consents = [fact.Consents[0] with { Purpose = purpose }] };
        }

        Task<int> TellAsync(int upTo) => WriteAsync(db => Ledger.TellEndedGrantsAsync(db, purpose, "24mo", decided => decided <= Noon.AddMinutes(upTo), 100, CancellationToken.None));
    }

    private Task ExecuteAsync(string sql) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return await session.ExecuteAsync(sql, CancellationToken.None);
    });

    private async Task MakeKnownAsync(string person, string? members = null)
    {
        var audience = members ?? Unique("aud");
        await ApplyAsync(audience, "full", 0, person);
        var run = await StartRunAsync(audience, "Delivering", _destination);
        await PlanAsync(run, audience, destination: _destination);
        await DeliverAllAsync(destination: _destination);
        await SetStateAsync(run, "Completed");
    }

    private Task<IReadOnlyList<PartitionWithWork>> FindLiveWorkAsync() => ReadAsync(db => Deliveries.FindLiveWorkAsync(db, Soon, CancellationToken.None));

    private Task<Lease> TakeAsync(int partition) => LeaseAsync("one", partition, _destination, Lane.Urgent);

    private async Task<List<ClaimedDelivery>> ClaimLiveAsync()
    {
        var claimed = new List<ClaimedDelivery>();
        for (var partition = 0; partition < 4; partition++)
        {
            var lease = await TakeAsync(partition);
            claimed.AddRange(await ReadAsync(db => Deliveries.ClaimAsync(db, lease, Soon, 100, CancellationToken.None)));
        }

        return claimed;
    }

    private async Task<List<SettledRun>> SettleLiveAsync(List<ClaimedDelivery> claimed)
    {
        var runs = new List<SettledRun>();
        foreach (var delivery in claimed)
        {
            var lease = await TakeAsync((int)(delivery.ProfileId % 4));
            runs.AddRange((await SettleAsync(lease, [new Settlement { Delivery = delivery, Outcome = LedgerOutcome.Delivered }]))!);
        }

        return runs;
    }
}
