using System.Text;
using System.Text.Json;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Backfills;
using IntegrationHub.Hub.Retention;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Sagas.BackfillRun;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Ledger;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Hub.Tests.Backfills;

/// <summary>State is brought to what the log says: whose differs is counted first, and what is otherwise by it is owed like every change.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_state_is_rebuilt(StorageDatabase database) : DeliveryFixture(database)
{
    private string _producer = null!;
    private string _audience = null!;
    private string[] _people = null!;

    /// <summary>Three people, of whom the log holds two statements each; a list made them members.</summary>
    [SetUp]
    public async Task State()
    {
        (_producer, _audience, _people) = (Unique("crm"), Unique("aud"), [Unique("p"), Unique("p"), Unique("p")]);
        Clock.Now = TimeProvider.System.GetUtcNow();
        await ApplyAsync(_audience, "full", 0, _people);
        await WriteAsync(db => Ledger.RouteAudiencesAsync(db, [new AudienceRoute(_audience, _producer)], CancellationToken.None));
        foreach (var person in _people)
        {
            await TakeInAsync(person, 1, """{ "attributes": { "first_name": "Kim", "town": "Ulm" } }""");
            await TakeInAsync(person, 2, """{ "attributes": { "town": "Bonn" } }""");
        }

        await ExecuteAsync("DELETE FROM audience_changes WHERE destination = {0}", _producer);
    }

    [Test]
    public async Task Should_change_nothing_where_everything_is_as_the_log_says()
    {
        var run = await PlanAsync();
        Assert.That(await TextAsync(run), Is.EqualTo("unchanged 3"));
    }

    [Test]
    public async Task Should_count_first_and_then_put_right_what_stands_otherwise_and_owe_that()
    {
        await DamageAsync(_people[0], """{"first_name":"Wrong","town":"Bonn"}""");
        await DamageAsync(_people[1], """{"town":"Ulm"}""");
        var run = await PlanAsync();
        Assert.That(await TextAsync(run), Is.EqualTo("pending 2, unchanged 1"));
        var plan = await PlanOfAsync(run);
        Assert.That(plan.Changes!.Select(change => (change.Name, change.People)), Is.EqualTo(new[] { ("first_name", 2L), ("town", 1L) }));
        Assert.That(plan.Samples.Select(sample => sample.Person), Has.None.AnyOf(_people), "masked");
        Assert.That(await AttributesAsync(_people[0]), Does.Contain("Wrong"), "a plan changes nothing");

        Assert.That(await RestateAsync(run), Is.True);
        Assert.That(await TextAsync(run), Is.EqualTo("delivered 2, unchanged 1"));
        foreach (var person in _people)
        {
            Assert.That(JsonDocument.Parse(await AttributesAsync(person)).RootElement.EnumerateObject().Select(value => $"{value.Name}={value.Value}").Order(), Is.EqualTo(new[] { "first_name=Kim", "town=Bonn" }));
        }

        Assert.That(await CountAsync($"SELECT count(*) FROM audience_changes WHERE destination = '{_producer}'"), Is.EqualTo(2), "the difference is owed, and nothing else");
        Assert.That(await Worker().LookAgainAsync(run, CancellationToken.None), Is.EqualTo((2L, 0L)));
        Assert.That(await TextAsync(await PlanAsync()), Is.EqualTo("unchanged 3"), "done again it changes nothing");
    }

    [Test]
    public async Task Should_never_put_older_over_newer_whatever_comes_after_the_plan()
    {
        await DamageAsync(_people[0], """{"first_name":"Wrong","town":"Bonn"}""");
        var run = await PlanAsync();
        await TakeInAsync(_people[0], 3, """{ "attributes": { "first_name": "Alex" } }""");
        Assert.That(await RestateAsync(run), Is.True);
        Assert.That(await AttributesAsync(_people[0]), Does.Contain("Alex"));
        Assert.That(await TextAsync(run), Is.EqualTo("unchanged 3"));
    }

    [Test]
    public async Task Should_leave_what_the_log_does_not_know()
    {
        await AppendAsync(Profile(_people[0], """{"score":7,"town":"Rome"}""") with { EventType = "lead_scored", OccurredAt = Clock.Now.AddHours(-1) });
        Assert.That(await TextAsync(await PlanAsync()), Is.EqualTo("unchanged 3"), "neither what it never heard of nor what is newer than all that it says");
    }

    [Test]
    public async Task Should_put_memberships_right()
    {
        await TakeInAsync(_people[0], 5, $$"""{ "audience": "{{_audience}}", "is_member": false }""", "audience_membership_changed");
        await TakeInAsync(_people[0], 6, $$"""{ "audience": "{{_audience}}", "is_member": true }""", "audience_membership_changed");
        await ExecuteAsync("UPDATE memberships SET is_member = {1} WHERE audience = {0} AND profile_id = (SELECT profile_id FROM profiles WHERE external_id = {2})", _audience, false, _people[0]);
        var run = await PlanAsync();
        Assert.That((await PlanOfAsync(run)).Changes!.Select(change => change.Name), Is.EqualTo(new[] { $"audience:{_audience}" }));
        await RestateAsync(run);
        Assert.That(await MembersAsync(_audience), Is.EqualTo(3));
        Assert.That(await TextAsync(await PlanAsync()), Is.EqualTo("unchanged 3"));
    }

    [Test]
    public async Task Should_be_about_whom_is_chosen_alone()
    {
        foreach (var person in _people)
        {
            await DamageAsync(person, "{}");
        }

        Assert.That(await TextAsync(await PlanAsync(people: [_people[1]])), Is.EqualTo("pending 1"));
        Assert.That(await TextAsync(await PlanAsync(new FactSelection(["audience_membership_changed"]))), Is.Empty);
        Assert.That(await TextAsync(await PlanAsync(new FactSelection(From: Clock.Now))), Is.Empty);
    }

    [Test]
    public async Task Should_stand_still_while_it_is_held_and_leave_the_rest_when_it_is_stopped()
    {
        await DamageAsync(_people[0], "{}");
        var run = await PlanAsync();
        await SetStateAsync(run, RunState.Paused);
        Assert.That(await Worker().RunAsync(run, CancellationToken.None), Is.False);
        Assert.That(await AttributesAsync(_people[0]), Is.EqualTo("{}"));
        Assert.That(await WriteAsync(db => RebuildBook.CancelAsync(db, run, 100, Clock.Now, CancellationToken.None)), Is.EqualTo(1));
        Assert.That(await TextAsync(run), Is.EqualTo("suppressed run_canceled 1, unchanged 2"));
    }

    [Test]
    public async Task Should_tell_nothing_of_who_was_erased_nor_of_who_is_shown_by_another()
    {
        await ExecuteAsync("UPDATE facts SET body = '{{}}', profile_id = NULL WHERE profile_id = (SELECT profile_id FROM profiles WHERE external_id = {0})", _people[0]);
        await DamageAsync(_people[0], "{}");
        Assert.That(await TextAsync(await PlanAsync()), Is.EqualTo("unchanged 2"), "nothing is known of them any more");
    }

    private async Task<Guid> PlanAsync(FactSelection? selection = null, string[]? people = null)
    {
        var run = Guid.NewGuid();
        var until = await ReadAsync(db => FactLog.FindEndAsync(db, CancellationToken.None));
        var scope = new BackfillScope(BackfillKind.Rebuild) { Facts = (selection ?? new FactSelection()) with { Until = until, Producers = [_producer] } };
        await WriteAsync(async db =>
        {
            db.Add(new BackfillRunState { CorrelationId = run, CurrentState = RunState.Planning, Kind = scope.Kind, RequestedBy = "test", RequestedAt = Clock.Now, LastProgressAt = Clock.Now });
            await BackfillBook.AddAsync(db, run, scope, people, null, null, CancellationToken.None);
        });
        var stored = (await ReadAsync(db => BackfillBook.FindPlanAsync(db, run, CancellationToken.None)))!.Scope;
        var planner = new RebuildPlanner(Transactions, Plans, Ledger, Facts(), new PlanSeal(Transactions), Microsoft.Extensions.Options.Options.Create(Options), Clock);
        Assert.That(await planner.PlanAsync(new PlanBackfill { RunId = run, Kind = scope.Kind, Destination = "" }, stored, Clock.Now, CancellationToken.None), Is.Not.Null);
        return run;
    }

    private async Task<bool> RestateAsync(Guid run)
    {
        await SetStateAsync(run, RunState.Delivering);
        return await Worker().RunAsync(run, CancellationToken.None);
    }

    private RebuildWorker Worker() => new(Transactions, Ledger, Facts(), Clock);

    private RebuildFacts Facts() => new(Acme.Hub(), Transactions, Clock);

    private new Task SetStateAsync(Guid run, string state) => WriteAsync(async db => (await db.Set<BackfillRunState>().SingleAsync(row => row.CorrelationId == run)).CurrentState = state);

    private async Task TakeInAsync(string person, int hour, string payload, string type = "profile_updated")
    {
        var fact = $$"""
            { "event_id": "{{Guid.NewGuid()}}", "event_type": "{{type}}", "schema_version": 1, "occurred_at": "{{Clock.Now.AddDays(-2).AddHours(hour):O}}", "producer": "{{_producer}}", "tenant_id": "default",
              "subject": { "external_id": "{{person}}" }, "payload": {{payload}} }
            """;
        var verdict = (await Intake().TakeInAsync([Encoding.UTF8.GetBytes(fact)], CancellationToken.None))[0];
        Assert.That(verdict.Quarantined?.Problem, Is.Null);
    }

    private Task DamageAsync(string person, string attributes) => ExecuteAsync("UPDATE profiles SET attributes = {1} WHERE external_id = {0}", person, attributes);

    private Task ExecuteAsync(string sql, params object[] values) => WriteAsync(db => db.Database.ExecuteSqlRawAsync(sql, values));

    private async Task<string> AttributesAsync(string person) => (await AttributesWhereAsync("external_id = @id", ("id", person)))!;

    private async Task<BackfillPlan> PlanOfAsync(Guid run) => JsonSerializer.Deserialize<BackfillPlan>((await ReadAsync(db => BackfillBook.FindPlanAsync(db, run, CancellationToken.None)))!.PlanJson!)!;

    private async Task<string> TextAsync(Guid run)
    {
        var view = (await ReadAsync(db => BackfillBook.FindAsync(db, run, CancellationToken.None)))!;
        Assert.That(view.Counts.Balances, Is.True, view.Counts.ToString());
        var tallies = await ReadAsync(db => BackfillBook.ReadTalliesAsync(db, run, CancellationToken.None));
        return string.Join(", ", tallies.Where(tally => tally.Outcome != "planned" && tally.Count > 0).Select(tally => $"{tally.Outcome}{(tally.Code.Length == 0 ? "" : " " + tally.Code)} {tally.Count}"));
    }
}
