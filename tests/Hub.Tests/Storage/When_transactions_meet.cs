using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.TestServers;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>Interleavings that only a database with several writers has, made to happen.</summary>
[TestFixture(StorageDatabase.Postgres)]
public sealed class When_transactions_meet(StorageDatabase database) : StorageFixture(database)
{
    /// <summary>Holds the first transaction open until the second one waits for it, or has not cared to.</summary>
    private async Task<T> MeetAsync<T>(Func<HubDbContext, Task> first, Func<Task<T>> second)
    {
        Task<T> meeting = null!;
        await WriteAsync(async db =>
        {
            await first(db);
            meeting = Task.Run(second);
            await Poll.Until(async () => meeting.IsCompleted || await CountAsync(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND (database IS NULL OR database = (SELECT oid FROM pg_database WHERE datname = current_database()))") > 0);
        });
        return await meeting;
    }

    [Test]
    public async Task Should_let_the_last_of_two_settles_tell_the_end_of_the_run()
    {
        var (audience, destination) = (Unique("aud"), Unique("dest"));
        await ApplyAsync(audience, "full", 0, Unique("p"), Unique("p"));
        var run = await StartRunAsync(audience, destination: destination);
        await PlanAsync(run, audience, destination: destination, partitions: 2);
        var (left, right) = (await LeaseAsync("l", 0, destination), await LeaseAsync("r", 1, destination));
        var (leftClaim, rightClaim) = (await ClaimAsync(left), await ClaimAsync(right));
        IReadOnlyList<SettledRun>? first = null;
        var second = await MeetAsync(
            async db => first = await Deliveries.SettleAsync(db, left, [.. leftClaim.Select(Delivered)], Noon, CancellationToken.None),
            () => SettleAsync(right, rightClaim.Select(Delivered)));
        Assert.That(first, Is.EqualTo(new[] { new SettledRun(run, 1, false) }));
        Assert.That(second, Is.EqualTo(new[] { new SettledRun(run, 1, true) }));
    }

    [Test]
    public async Task Should_owe_an_alias_that_is_stated_while_the_person_arrives([Values] bool arrivalComesFirst)
    {
        var (audience, destination, person, visitor) = (Unique("aud"), Unique("dest"), Unique("p"), new PersonKey(KeyKind.AnonymousId, Unique("v")));
        await WriteAsync(db => Ledger.RouteIdentityAsync(db, [new IdentityRoute(destination, "external_id") { Aliases = ["anonymous_id"] }], 1, CancellationToken.None));
        await ApplyAsync(audience, "full", 0, person);
        var run = await StartRunAsync(audience, destination: destination);
        await PlanAsync(run, audience, destination: destination);
        var lease = await LeaseAsync("l", 0, destination);
        var claim = await ClaimAsync(lease);

        await (arrivalComesFirst ? MeetAsync(ArriveAsync, () => DoneAsync(StateAsync)) : MeetAsync(StateAsync, () => DoneAsync(ArriveAsync)));

        Assert.That(await CountAsync($"SELECT count(*) FROM deliveries WHERE destination = '{destination}' AND named_key = '{visitor}'"), Is.EqualTo(2), "the person is found by it, and has what was done under it");

        async Task ArriveAsync(HubDbContext db)
        {
            var strangers = await Deliveries.FindStrangersAsync(db, destination, claim.Select(delivery => delivery.ProfileId), CancellationToken.None);
            await Deliveries.SettleAsync(db, lease, [.. claim.Select(Delivered)], Noon, CancellationToken.None);
            await Deliveries.OweAliasesAsync(db, destination, strangers, Noon, CancellationToken.None);
        }

        async Task StateAsync(HubDbContext db) => await Ledger.AppendAsync(db, [Profile(person, "{}", 1) with { OtherKeys = [visitor] }], CancellationToken.None);

        async Task<bool> DoneAsync(Func<HubDbContext, Task> work)
        {
            await WriteAsync(work);
            return true;
        }
    }

    [Test]
    public async Task Should_let_two_hubs_start_at_once()
    {
        var (audience, destination) = (Unique("aud"), Unique("dest"));
        await MeetAsync(StartAsync, async () =>
        {
            await WriteAsync(StartAsync);
            return true;
        });
        foreach (var table in new[] { "identity_routes", "audience_routes", "consent_routes", "event_routes", "live_routes" })
        {
            Assert.That(await CountAsync($"SELECT count(*) FROM {table} WHERE destination = '{destination}'"), Is.EqualTo(1), table);
        }

        Assert.That(await CountAsync("SELECT count(*) FROM identity_rules"), Is.EqualTo(1));

        async Task StartAsync(HubDbContext db)
        {
            await Ledger.UseIdentityRulesAsync(db, CancellationToken.None);
            await Ledger.RouteIdentityAsync(db, [new IdentityRoute(destination, "external_id")], 1, CancellationToken.None);
            await Ledger.RouteAudiencesAsync(db, [new AudienceRoute(audience, destination)], CancellationToken.None);
            await Ledger.RouteConsentsAsync(db, [new ConsentRoute(destination, "email_marketing")], 1, CancellationToken.None);
            await Ledger.RouteEventsAsync(db, [new EventRoute(destination, "viewed")], 1, CancellationToken.None);
            await Ledger.RouteLiveAsync(db, [new AudienceRoute(audience, destination)], 1, CancellationToken.None);
        }
    }

    [Test]
    public async Task Should_not_take_over_a_mark_before_the_change_behind_it_is_committed()
    {
        var (audience, person) = (Unique("aud"), Unique("p"));
        await WriteAsync(db => Ledger.RouteAudiencesAsync(db, [new AudienceRoute(audience, Braze)], CancellationToken.None));
        await AppendAsync(Membership(person, audience, true));
        var request = Request(Guid.NewGuid(), audience, "delta");
        var candidates = await MeetAsync(
            async db => await Ledger.AppendAsync(db, [Profile(person, """{"city":"Bonn"}""", 5)], CancellationToken.None),
            async () =>
            {
                await WriteAsync(db => Plans.OpenAsync(db, request, CancellationToken.None));
                return await ReadAsync(db => Plans.ReadCandidatesAsync(db, request, 0, 10, CancellationToken.None));
            });
        Assert.That(candidates.Select(candidate => candidate.AttributesJson), Is.EqualTo(new[] { """{"city":"Bonn"}""" }));
        Assert.That(await CountAsync($"SELECT count(*) FROM audience_changes WHERE audience = '{audience}'"), Is.Zero);
    }

    [Test]
    public async Task Should_give_both_outcomes_of_a_cancel_and_a_settle_to_different_records()
    {
        var (audience, destination) = (Unique("aud"), Unique("dest"));
        await ApplyAsync(audience, "full", 0, Unique("p"), Unique("p"));
        var run = await StartRunAsync(audience, destination: destination);
        await PlanAsync(run, audience, destination: destination);
        var lease = await LeaseAsync("l", 0, destination);
        var claim = await ClaimAsync(lease);
        var canceled = await MeetAsync(
            async db => await Deliveries.SettleAsync(db, lease, [Delivered(claim[0])], Noon, CancellationToken.None),
            () => WriteAsync(db => Deliveries.CancelAsync(db, run, 10, Noon, CancellationToken.None)));
        Assert.That(canceled, Is.EqualTo(1));
        await AssertBalancedAsync(run);
    }
}
