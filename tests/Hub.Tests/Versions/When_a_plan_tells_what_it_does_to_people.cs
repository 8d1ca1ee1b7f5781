using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Hub.Planning;
using IntegrationHub.Hub.Privacy;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Hub.Versions.Effects;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Plans;

namespace IntegrationHub.Hub.Tests.Versions;

/// <summary>People at a vendor, a plan of other rules, and the run that follows it: what was told is what arrives, to the record.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_plan_tells_what_it_does_to_people(StorageDatabase database) : DrainFixture(database)
{
    private const int Members = 24;

    private string[] _members = null!;
    private int _partitions;

    [SetUp]
    public async Task Fill_the_audience()
    {
        (_partitions, Options.Partitions) = (Options.Partitions, 1);
        _members = [.. Enumerable.Range(0, Members).Select(i => Unique($"m{i:00}-"))];
        await ApplyAsync(Audience, "full", 1, _members);
        for (var i = 0; i < Members; i++)
        {
            await AppendAsync(Profile(_members[i], $$"""{"city":"{{(i % 2 == 0 ? "Bern Town" : "BASEL")}}"{{(i % 3 == 0 ? ""","occupation":"carpenter" """ : "")}}}""", 2));
            if (i % 4 != 0)
            {
                await AppendAsync(Consent(_members[i], "granted", 2));
            }
        }
    }

    [TearDown]
    public void Restore_partitions() => Options.Partitions = _partitions;

    [Test]
    public async Task Should_come_true_to_the_record_in_the_run_that_follows()
    {
        var before = Acme.Hub(Name, Audience);
        await UseAsync(before);
        await DeliverRunAsync();
        await DenyAsync(_members[1]);
        await AppendAsync(Membership(_members[2], Audience, false, 6), Membership(Unique("new-"), Audience, true, 6), Profile(_members[3], """{"city":"BERN"}""", 6));
        var after = Other(before);

        var told = await Reader(before).ReadAsync(after, exact: true, null, CancellationToken.None);
        await UseAsync(after);
        var (totals, run) = await DeliverRunAsync();

        var sync = told.Syncs.Single();
        Assert.That((told.Scope, sync.Audience, sync.Destination, sync.LookedAt, sync.People), Is.EqualTo(("exact", Audience, Name, totals.Planned, totals.Planned)));
        Assert.That((sync.Add.Count, sync.Update.Count, sync.Remove.Count), Is.EqualTo((totals.ToAdd, totals.ToUpdate, totals.ToRemove)));
        Assert.That(totals.ToUpdate, Is.Positive);
        var view = await RunAsync(run);
        Assert.That(sync.Settled.Where(settled => settled.Code is not null).Select(settled => (settled.Outcome, settled.Code!, settled.People.Count)), Is.EquivalentTo(view.Reasons.Select(reason => (reason.Outcome, reason.Code, reason.Count))));
        Assert.That(sync.Settled.Where(settled => settled.Outcome == LedgerOutcome.Unchanged).Sum(settled => settled.People.Count), Is.EqualTo(view.Counts.Unchanged).And.Positive);
        Assert.That(view.Counts.Delivered, Is.EqualTo(totals.ToAdd + totals.ToUpdate + totals.ToRemove));
        Assert.That(sync.Calls, Is.EqualTo(Vendor.Delivered.Count));

        var sent = Vendor.Delivered.Where(batch => batch.Operation != Operation.RemoveMember).SelectMany(batch => batch.Items).ToList();
        Assert.That(sync.LeavesAnew.Single(field => field.Field == "job").People.Count, Is.EqualTo(sent.Count(item => item.Fields.Any(field => field.Name == "job"))).And.Positive);
        var towns = sync.Changes.Single();
        Assert.That((towns.Field, towns.From, towns.Classification), Is.EqualTo(("town", "city", "personal")));
        Assert.That(towns.People.Count, Is.EqualTo(sent.Count(item => item.Fields.Any(field => field.Name == "town" && field.Value.Text == "BERN TOWN"))).And.Positive);
        Assert.That(towns.Differences.Keys, Is.EqualTo(new[] { "case" }));
        Assert.That((towns.Samples[0].Before, towns.Samples[0].After, towns.Samples[0].Difference), Is.EqualTo(("B…wn", "B…WN", "case")));
        Assert.That(sync.NoLongerSent.Count, Is.EqualTo(_members.Index().Count(member => member.Index % 4 == 0) + 1), "of whom nothing is known, and somebody new of whom neither is");
        Assert.That(sync.NewlySent.Count, Is.Zero);
    }

    [Test]
    public async Task Should_say_what_stops_and_look_at_nobody_whose_rules_stay()
    {
        var before = Acme.Hub(Name, Audience);
        await UseAsync(before);
        await DeliverRunAsync();
        var same = await Reader(before).ReadAsync(before with { Version = "other" }, exact: false, null, CancellationToken.None);
        Assert.That((same.Unchanged, same.Syncs.Count, same.LookedAt), Is.EqualTo((1, 0, 0L)));

        var mapping = before.Mappings[Acme.Name];
        var looks = new List<(long LookedAt, long People)>();
        var less = await Reader(before).ReadAsync(
            before with { Mappings = new Dictionary<string, MappingFile> { [Acme.Name] = mapping with { Version = "2", Fields = [mapping.Fields[0]] } } }, exact: false, new Looks(looks), CancellationToken.None);
        Assert.That(less.Syncs.Single().Stops.Select(field => (field.Field, field.People)), Is.EqualTo(new[] { ("town", new EstimateJson(Members, 0)) }));
        Assert.That(looks, Is.EqualTo(new[] { ((long)Members, (long)Members) }));
    }

    [Test]
    public async Task Should_tell_an_audience_that_is_new_there_as_newly_sent()
    {
        var after = Acme.Hub(Name, Audience);
        var told = await Reader(after with { Audiences = new Dictionary<string, AudienceConfiguration>() }).ReadAsync(after, exact: false, null, CancellationToken.None);
        var sync = told.Syncs.Single();
        Assert.That((sync.Add.Count, sync.NewlySent.Count), Is.EqualTo(((long)Members, (long)Members)));
        Assert.That(sync.LeavesAnew.Single().People, Is.EqualTo(new EstimateJson(Members, 0)), "and what leaves with them");
    }

    [Test]
    public async Task Should_end_when_nobody_waits_for_it() => await Assert.ThatAsync(
        () => Reader(Acme.Hub(Name, Audience)).ReadAsync(Other(Acme.Hub(Name, Audience)), exact: true, null, new CancellationToken(canceled: true)), Throws.InstanceOf<OperationCanceledException>());

    [Test]
    public async Task Should_look_at_the_same_part_of_the_people_each_time()
    {
        var request = new PlanRequest(Guid.Empty, Name, Audience, SyncMode.Full, Bulk, "plan", 1);
        async Task<List<long>> ReadAsync(int? share) => [.. (await this.ReadAsync(db => Plans.ReadCandidatesAsync(db, request with { SamplePerMillion = share }, 0, 1_000, CancellationToken.None))).Select(candidate => candidate.ProfileId)];
        var (all, half) = (await ReadAsync(null), await ReadAsync(500_000));
        Assert.That((all.Count, await this.ReadAsync(db => Plans.CountCandidatesAsync(db, Name, Audience, CancellationToken.None))), Is.EqualTo((Members, (long)Members)));
        Assert.That(half, Is.SubsetOf(all).And.Count.InRange(Members / 2 - 2, Members / 2 + 2), "spread evenly over people in a row");
        Assert.That((await ReadAsync(500_000), await ReadAsync(1_000_003)), Is.EqualTo((half, all)));
    }

    /// <summary>The town in capitals, what they work as too, and nobody of whom nothing is known.</summary>
    private static HubConfiguration Other(HubConfiguration hub)
    {
        var mapping = hub.Mappings[Acme.Name];
        var purpose = hub.Consent.Purposes[0];
        return hub with
        {
            Mappings = new Dictionary<string, MappingFile>
            {
                [Acme.Name] = mapping with
                {
                    Version = "2",
                    Fields =
                    [
                        mapping.Fields[0], mapping.Fields[1] with { Transforms = [TextTransform.Upper] },
                        new FieldMapping { From = "occupation", To = "job", Type = MappedType.Text, Classification = FieldClassification.Personal },
                    ],
                },
            },
            Consent = new ConsentRules("v2", [purpose with { Unknown = new ConsentRule("unknown", false) }]),
        };
    }

    private EffectsReader Reader(HubConfiguration inForce) => new(inForce, [new AcmeFactory()], Plans, Transactions, Microsoft.Extensions.Options.Options.Create(Options), Clock);

    /// <summary>The hub runs this from now on.</summary>
    private async Task UseAsync(HubConfiguration hub)
    {
        await Destination.DisposeAsync();
        Vendor = new AcmeConnector();
        var vendor = Vendor;
        Destination = new Destination(
            hub.Destinations[Name], hub, Acme.Descriptor, _ => vendor, DestinationQuota.Uncounted(QuotaLimits.For(Acme.Descriptor, new Dictionary<string, int>(), new Dictionary<string, double>())), Clock);
    }

    private async Task<(PlanTotals Totals, Guid Run)> DeliverRunAsync()
    {
        var run = await StartRunAsync(Audience, RunState.Planning, Name);
        var planner = new AudienceSyncPlanner(
            new RunPlanner(Transactions, Plans, new PolicyInForce(Acme.Hub(), Transactions, Clock, null), Telemetry, Clock), Transactions, Plans, Microsoft.Extensions.Options.Options.Create(Options));
        var totals = await planner.PlanAsync(Destination, new PlanAudienceSync { RunId = run, Audience = Audience, Destination = Name, Mode = SyncMode.Full }, CancellationToken.None);
        await SetStateAsync(run, RunState.Delivering);
        await SetStateAsync(Run, RunState.Canceled);
        await DrainAsync();
        return (totals!, run);
    }

    private sealed class Looks(List<(long, long)> looks) : IProgress<(long LookedAt, long People)>
    {
        public void Report((long LookedAt, long People) value) => looks.Add(value);
    }

    private sealed class AcmeFactory : IConnectorFactory
    {
        public ConnectorDescriptor Descriptor => Acme.Descriptor;

        public IReadOnlyList<SettingError> Validate(DestinationSettings settings) => [];

        public ConnectorBehind Create(ConnectorContext context) => throw new NotSupportedException("A plan asks no vendor.");
    }
}
