using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Tests.Runs;
using IntegrationHub.Hub.Verification;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Verification;
using IntegrationHub.TestServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Verification;

/// <summary>The step Verifying, from the command to what is said about it.</summary>
public sealed class When_a_round_is_read_back : VerificationFixture
{
    private AudienceTargets _targets = null!;
    private DestinationHealth _health = null!;
    private StepBus _bus = null!;

    [SetUp]
    public void Compose()
    {
        _targets = Targets();
        _health = Health();
        _bus = new StepBus(Scopes);
    }

    [TearDown]
    public void Release()
    {
        Options.LeaseLength = TimeSpan.FromSeconds(15);
        _targets.Dispose();
    }

    [Test]
    public async Task Should_say_the_same_numbers_however_often_it_is_asked()
    {
        Connector.LookUp = people => [.. people.Where(person => !People.Take(3).Contains(person.Key))];
        await ConsumeAsync(Step(last: true));
        Connector.LookUp = people => people;
        await ConsumeAsync(Step(last: true));
        await ConsumeAsync(Step());

        var said = Verified();
        Assert.That(said.Select(answer => (answer.Expected, answer.Found, answer.Missing, answer.IsLastRound)), Is.EqualTo(Enumerable.Repeat((5L, 2L, 3L, true), 3)));
        Assert.That(Connector.Asked, Has.Count.EqualTo(3), "the vendor was read once");
    }

    /// <summary>Both asked before either had an answer: the second read the vendor for nothing.</summary>
    [Test]
    public async Task Should_say_the_numbers_of_the_first_of_two_who_read_it()
    {
        Connector.LookUp = people => [.. people.Where(person => !People.Take(3).Contains(person.Key))];
        var first = await ReadBack(_targets).VerifyAsync(Destination, Step(last: true), CancellationToken.None);
        Connector.LookUp = people => people;
        var second = await ReadBack(_targets).VerifyAsync(Destination, Step(last: true), CancellationToken.None);

        Assert.That(second, Is.EqualTo(first));
    }

    [Test]
    public async Task Should_be_read_under_the_name_of_the_hub_that_reads()
    {
        var owners = new List<string?>();
        Connector.LookUp = people =>
        {
            owners.Add(TextAsync("SELECT owner FROM leases WHERE destination = @destination AND lane LIKE 'read-back:%'", ("destination", Name)).GetAwaiter().GetResult());
            return people;
        };
        await ConsumeAsync(Step());
        Assert.That(owners, Is.Not.Empty.And.All.StartsWith($"{Instance.Name}-"), "what a hub holds is told apart by a name that no other has");
    }

    [Test]
    public async Task Should_stay_with_its_reader_for_as_long_as_that_takes()
    {
        Options.LeaseLength = TimeSpan.FromSeconds(3);
        ReadBackLease? other = null;
        Connector.LookUp = people =>
        {
            Connector.LookUp = others => others;
            var taken = LeaseEndAsync().GetAwaiter().GetResult();
            Poll.Until(async () => (other = await TakeAsync("other")) is not null || await LeaseEndAsync() > taken, "the lease to be renewed, or to end").GetAwaiter().GetResult();
            return people;
        };
        await ConsumeAsync(Step());
        Assert.That((other, Verified().Single().Missing), Is.EqualTo(((ReadBackLease?)null, 0L)), "nobody else could take it");
    }

    [Test]
    public async Task Should_count_the_runs_issues_in_its_answer()
    {
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync(
                "INSERT INTO run_tallies (run_id, outcome, code, count) VALUES (@run, 'rejected', 'x', 2), (@run, 'dead_lettered', 'y', 1), (@run, 'suppressed', 'z', 4), (@run, 'planned', '', 7)",
                CancellationToken.None, ("run", Run));
        });
        await ConsumeAsync(Step());
        Assert.That(Verified().Single().WithIssues, Is.EqualTo(3));
    }

    [Test]
    public async Task Should_plan_who_was_missing_again_after_the_last_round_only()
    {
        Connector.LookUp = _ => [];
        await ConsumeAsync(Step(round: 1));
        var before = (await PlanAsync(await StartRunAsync(Audience, destination: Name), Audience, destination: Name)).ToAdd;
        await ConsumeAsync(Step(round: 2, last: true));
        var after = (await PlanAsync(await StartRunAsync(Audience, destination: Name), Audience, destination: Name)).ToAdd;
        Assert.That((before, after), Is.EqualTo((0L, 5L)));
    }

    [Test]
    public async Task Should_report_trouble_and_give_its_place_back_instead_of_retrying()
    {
        Connector.LookUp = _ => throw new DestinationException(new DestinationCondition(DestinationTrouble.Unauthorized, "http_401", TimeSpan.FromMinutes(5)));
        await ConsumeAsync(Step());

        var answer = _bus.Said<AudienceSyncStepPostponed>(answer => answer.RunId == Run).Single();
        Assert.That((answer.Step, answer.Until), Is.EqualTo((nameof(VerifyAudienceSync), Noon + TimeSpan.FromMinutes(5))));
        Assert.That((await ConditionAsync())?.Code, Is.EqualTo("http_401"));
        Assert.That(Verified(), Is.Empty);
    }

    [Test]
    public async Task Should_not_ask_a_vendor_whose_condition_says_that_it_is_in_trouble()
    {
        Connector.LookUp = _ => throw new DestinationException(new DestinationCondition(DestinationTrouble.Unauthorized, "http_401", TimeSpan.FromMinutes(5)));
        await ConsumeAsync(Step());
        var asked = Connector.Asked.Count;
        await ConsumeAsync(Step());
        Assert.That(Connector.Asked, Has.Count.EqualTo(asked));

        Clock.Now = Noon + TimeSpan.FromMinutes(6);
        Connector.LookUp = people => people;
        await ConsumeAsync(Step());
        Assert.That(Verified().Single().Missing, Is.Zero);
    }

    [Test]
    public async Task Should_fail_the_step_and_say_what_to_do_when_somebody_deleted_the_list()
    {
        Connector.LookUp = _ => throw new DestinationException(new DestinationCondition(DestinationTrouble.Misconfigured, ReasonCode.AudienceGone));
        await ConsumeAsync(Step());
        var failed = _bus.Said<AudienceSyncStepFailed>(answer => answer.RunId == Run).Single();
        Assert.That((failed.Step, failed.Code), Is.EqualTo((nameof(VerifyAudienceSync), ReasonCode.AudienceGone)));
        Assert.That(failed.Detail, Does.Contain($"'sync start {Audience} --destination {Name}'"));
        Assert.That(await ConditionAsync(), Is.Null, "other audiences go on");
        Assert.That((await PlanAsync(await StartRunAsync(Audience, destination: Name), Audience, destination: Name)).ToAdd, Is.EqualTo(5), "everybody is owed again");
    }

    [Test]
    public async Task Should_clear_the_destinations_condition_when_it_answers_again()
    {
        Connector.LookUp = _ => throw new DestinationException(new DestinationCondition(DestinationTrouble.Unauthorized, "http_401", TimeSpan.FromMinutes(5)));
        await ConsumeAsync(Step());
        Clock.Now = Noon + TimeSpan.FromMinutes(6);
        Connector.LookUp = people => people;
        await ConsumeAsync(Step());
        Assert.That(await ConditionAsync(), Is.Null);
    }

    [Test]
    public async Task Should_fail_the_step_when_the_destination_is_configured_no_more()
    {
        await ConsumeAsync(Step() with { Destination = "gone" });
        var failed = _bus.Said<AudienceSyncStepFailed>(answer => answer.RunId == Run).Single();
        Assert.That((failed.Step, failed.Code), Is.EqualTo((nameof(VerifyAudienceSync), "destination_unknown")));
        Assert.That(failed.Detail, Does.Contain("destinations/gone.yaml"));
    }

    private Task<ReadBackLease?> TakeAsync(string owner) => WriteAsync(db => ReadBackLeases.TakeAsync(db, Name, Audience, owner, Options.LeaseLength, CancellationToken.None));

    private Task<long> LeaseEndAsync() => CountAsync($"SELECT expires_at FROM leases WHERE destination = '{Name}' AND lane LIKE 'read-back:%'");

    private Task<StoredCondition?> ConditionAsync() => ReadAsync(db => Destinations.FindConditionAsync(db, Name, CancellationToken.None));

    private IReadOnlyList<AudienceSyncVerified> Verified() => _bus.Said<AudienceSyncVerified>(answer => answer.RunId == Run);

    private Task ConsumeAsync(VerifyAudienceSync step) => _bus.ConsumeAsync(
        new VerifyAudienceSyncConsumer(
            new DestinationDirectory(new Dictionary<string, Destination> { [Name] = Destination }), ReadBack(_targets), new StepPostponement(_health, Clock, NullLogger<StepPostponement>.Instance), Clock,
            NullLogger<VerifyAudienceSyncConsumer>.Instance),
        step);
}
