using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Privacy;
using IntegrationHub.Hub.Planning;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Plans;
using IntegrationHub.Storage;

namespace IntegrationHub.Hub.Tests.Planning;

/// <summary>The planner on a real database: candidates are read, decided and written until none is left.</summary>
public sealed class When_a_run_is_planned_to_its_end : DeliveryFixture
{
    private string _audience = null!;
    private string _name = null!;
    private Destination _destination = null!;

    [SetUp]
    public void Compose()
    {
        (_audience, _name) = (Unique("aud"), Unique("dest"));
        _destination = Acme.Destination(new AcmeConnector(), name: _name, audience: _audience);
    }

    [TearDown]
    public async Task Close() => await _destination.DisposeAsync();

    [Test]
    public async Task Should_owe_members_to_the_destination_and_account_for_those_who_said_no()
    {
        var (yes, no) = (Unique("p"), Unique("p"));
        await AppendAsync(Consent(no, "denied", -5));
        await ApplyAsync(_audience, "full", 0, yes, no);
        var run = await StartRunAsync(_audience, RunState.Planning, _name);

        var totals = await PlanAsync(run);

        Assert.That(totals, Is.EqualTo(new PlanTotals(2, 1, 0, 0, totals!.CurrentMembers)));
        var view = await RunAsync(run);
        Assert.That((view.Counts.Planned, view.Counts.Pending, view.Counts.Suppressed), Is.EqualTo((2L, 1L, 1L)));
        Assert.That(view.Reasons.Single().Code, Is.EqualTo("consent_denied"));
        await AssertBalancedAsync(run);
        Assert.That(await CountAsync("SELECT count(*) FROM outcomes WHERE decided_position = (SELECT max(position) FROM consent_history) AND policy_id IN (SELECT policy_id FROM policy_versions)"), Is.EqualTo(1), "what it was decided by");
    }

    [Test]
    public async Task Should_say_the_same_when_it_is_asked_again()
    {
        await ApplyAsync(_audience, "full", 0, Unique("p"), Unique("p"), Unique("p"));
        var run = await StartRunAsync(_audience, RunState.Planning, _name);

        var first = await PlanAsync(run);
        var again = await PlanAsync(run);

        Assert.That(again, Is.EqualTo(first));
        Assert.That(await CountRowsAsync("deliveries", run), Is.EqualTo(3));
    }

    [Test]
    public async Task Should_go_on_where_a_planner_died()
    {
        await ApplyAsync(_audience, "full", 0, [.. Enumerable.Range(0, 7).Select(_ => Unique("p"))]);
        var run = await StartRunAsync(_audience, RunState.Planning, _name);
        var request = new PlanRequest(run, _name, _audience, SyncMode.Full, Bulk, _destination.PlanVersion, Options.Partitions);
        await WriteAsync(db => Plans.OpenAsync(db, request, CancellationToken.None));
        var some = await ReadAsync(db => Plans.ReadCandidatesAsync(db, request, 0, 3, CancellationToken.None));
        await WriteAsync(db => Plans.WriteChunkAsync(db, request, Decide(some, 0), Noon, CancellationToken.None));

        var totals = await PlanAsync(run);

        Assert.That((totals!.Planned, totals.ToAdd), Is.EqualTo((7L, 7L)));
        Assert.That(await CountRowsAsync("deliveries", run), Is.EqualTo(7));
    }

    [Test]
    public async Task Should_stop_when_another_planner_of_the_run_was_faster()
    {
        await ApplyAsync(_audience, "full", 0, Unique("p"), Unique("p"));
        var run = await StartRunAsync(_audience, RunState.Planning, _name);
        var planner = Planner(new OvertakenStore(Plans, this));

        Assert.That(await planner.PlanAsync(_destination, Step(run), CancellationToken.None), Is.Null);
        Assert.That(await CountRowsAsync("deliveries", run), Is.EqualTo(2), "those of the faster one, once");
    }

    [Test]
    public async Task Should_keep_a_person_in_the_partition_of_the_key()
    {
        var people = Enumerable.Range(0, 20).Select(_ => Unique("p")).ToArray();
        await ApplyAsync(_audience, "full", 0, people);
        var (first, second) = (await StartRunAsync(_audience, RunState.Planning, _name), await StartRunAsync(_audience, RunState.Planning, _name, 1));
        await PlanAsync(first);
        await PlanAsync(second);
        var moved = await CountAsync(
            $"SELECT count(*) FROM deliveries a JOIN deliveries b ON b.profile_id = a.profile_id AND b.run_id = '{second.ToString().ToUpperInvariant()}' WHERE a.run_id = '{first.ToString().ToUpperInvariant()}' AND a.partition = b.partition");
        Assert.That(moved, Is.EqualTo(20));
    }

    /// <summary>Half is planned by the rules of one version; the rest is for whoever runs the one in force.</summary>
    [Test]
    public async Task Should_plan_nothing_by_a_configuration_that_is_not_in_force()
    {
        var no = Unique("p");
        await AppendAsync(Consent(no, "denied", -5));
        await ApplyAsync(_audience, "full", 0, Unique("p"), Unique("p"), no);
        var run = await StartRunAsync(_audience, RunState.Planning, _name);
        var (behind, ahead) = (new RunningConfiguration(ConfigurationFiles.Of(new Dictionary<string, string>()), await ActivateAsync("one")), new RunningConfiguration(ConfigurationFiles.Of(new Dictionary<string, string>()), null));
        var overtaken = Planner(new OvertakenByAConfiguration(Plans, async () => ahead.Became(await ActivateAsync("two"))), behind);

        await Assert.ThatAsync(() => overtaken.PlanAsync(_destination, Step(run), CancellationToken.None), Throws.TypeOf<ConfigurationBehindException>());
        Assert.That(await CountRowsAsync("deliveries", run), Is.Zero, "nothing of the chunk was written");
        await Assert.ThatAsync(() => Planner(Plans, behind).PlanAsync(_destination, Step(run), CancellationToken.None), Throws.TypeOf<ConfigurationBehindException>());

        Assert.That((await Planner(Plans, ahead).PlanAsync(_destination, Step(run), CancellationToken.None))!.ToAdd, Is.EqualTo(2));
        Assert.That(await ReadAsync(db => ConfigurationFence.PinnedAsync(db, run, CancellationToken.None)), Is.EqualTo(ahead.Version));
        Assert.That(await CountAsync($"SELECT config_version FROM outcomes WHERE run_id = '{run.ToString().ToUpperInvariant()}'"), Is.EqualTo(ahead.Version), "of whom the plan settled");
    }

    private AudienceSyncPlanner Planner(IPlanStore plans, RunningConfiguration? running = null) =>
        new(new RunPlanner(Transactions, plans, new PolicyInForce(Acme.Hub(), Transactions, Clock, running), Telemetry, Clock), Transactions, plans, Microsoft.Extensions.Options.Options.Create(Options));

    private Task<PlanTotals?> PlanAsync(Guid run) =>
        Planner(Plans).PlanAsync(_destination, Step(run), CancellationToken.None);

    private PlanAudienceSync Step(Guid run) => new() { RunId = run, Audience = _audience, Destination = _name, Mode = SyncMode.Full };

    /// <summary>Between reading and writing another configuration comes into force.</summary>
    private sealed class OvertakenByAConfiguration(IPlanStore plans, Func<Task> overtake) : IPlanStore
    {
        public Task<PlanProgress> OpenAsync(HubDbContext db, PlanRequest request, CancellationToken cancellationToken) => plans.OpenAsync(db, request, cancellationToken);

        public async Task<IReadOnlyList<PlanCandidate>> ReadCandidatesAsync(HubDbContext db, PlanRequest request, long afterProfileId, int limit, CancellationToken cancellationToken)
        {
            var candidates = await plans.ReadCandidatesAsync(db, request, afterProfileId, limit, cancellationToken);
            await overtake();
            return candidates;
        }

        public Task<long> CountCandidatesAsync(HubDbContext db, string destination, string audience, CancellationToken cancellationToken) => plans.CountCandidatesAsync(db, destination, audience, cancellationToken);

        public Task<IReadOnlySet<long>> ReadUnknownAsync(HubDbContext db, string audience, CancellationToken cancellationToken) => plans.ReadUnknownAsync(db, audience, cancellationToken);

        public Task<bool> WriteChunkAsync(HubDbContext db, PlanRequest request, PlanChunk chunk, DateTimeOffset at, CancellationToken cancellationToken) => plans.WriteChunkAsync(db, request, chunk, at, cancellationToken);

        public Task<PlanTotals> CompleteAsync(HubDbContext db, PlanRequest request, CancellationToken cancellationToken) => plans.CompleteAsync(db, request, cancellationToken);
    }

    /// <summary>Between reading and writing of the first chunk another planner writes it.</summary>
    private sealed class OvertakenStore(IPlanStore plans, When_a_run_is_planned_to_its_end test) : IPlanStore
    {
        public Task<PlanProgress> OpenAsync(HubDbContext db, PlanRequest request, CancellationToken cancellationToken) => plans.OpenAsync(db, request, cancellationToken);

        public async Task<IReadOnlyList<PlanCandidate>> ReadCandidatesAsync(HubDbContext db, PlanRequest request, long afterProfileId, int limit, CancellationToken cancellationToken)
        {
            var candidates = await plans.ReadCandidatesAsync(db, request, afterProfileId, limit, cancellationToken);
            await test.WriteAsync(other => plans.WriteChunkAsync(other, request, Decide(candidates, afterProfileId), Noon, cancellationToken));
            return candidates;
        }

        public Task<long> CountCandidatesAsync(HubDbContext db, string destination, string audience, CancellationToken cancellationToken) => plans.CountCandidatesAsync(db, destination, audience, cancellationToken);

        public Task<IReadOnlySet<long>> ReadUnknownAsync(HubDbContext db, string audience, CancellationToken cancellationToken) => plans.ReadUnknownAsync(db, audience, cancellationToken);

        public Task<bool> WriteChunkAsync(HubDbContext db, PlanRequest request, PlanChunk chunk, DateTimeOffset at, CancellationToken cancellationToken) =>
            plans.WriteChunkAsync(db, request, chunk, at, cancellationToken);

        public Task<PlanTotals> CompleteAsync(HubDbContext db, PlanRequest request, CancellationToken cancellationToken) => plans.CompleteAsync(db, request, cancellationToken);
    }
}
