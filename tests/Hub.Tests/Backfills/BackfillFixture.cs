using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Backfills;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Planning;
using IntegrationHub.Hub.Privacy;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Sagas.BackfillRun;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Backfills;

/// <summary>Backfills of three people at a vendor in the test's hand, planned and delivered by the hub's own parts on a real database; no bus and no saga.</summary>
public abstract class BackfillFixture(StorageDatabase database) : DeliveryFixture(database)
{
    protected const string Town = "town";
    protected const string Nick = "nick";

    private protected RememberingVendor Vendor { get; private set; } = null!;

    private protected Destination Destination { get; set; } = null!;

    private protected string Name { get; private set; } = null!;

    private protected string[] People { get; private set; } = null!;

    [SetUp]
    public async Task Make_three_people()
    {
        Running = null;
        Name = Unique("dest");
        People = [.. Enumerable.Range(0, 3).Select(_ => Unique("p"))];
        Clock.Now = TimeProvider.System.GetUtcNow().AddHours(1);
        Vendor = new RememberingVendor();
        Destination = Acme.Destination(Vendor, name: Name, extra: [new FieldMapping { From = "nickname", To = Nick, Type = MappedType.Text, Classification = FieldClassification.Personal }]);
        await AppendAsync([.. People.Select(person => Profile(person, """{ "city": "Rome", "nickname": "new" }"""))]);
    }

    [TearDown]
    public async Task Close() => await Destination.DisposeAsync();

    /// <summary>The vendor knows people, by number: who lives in Paris and is called old.</summary>
    private protected void Knows(params int[] people)
    {
        foreach (var person in people)
        {
            Vendor.Set(People[person], Town, "Paris");
            Vendor.Set(People[person], Nick, "old");
        }
    }

    /// <summary>The version of the configuration that the hub runs; null where the test compares none.</summary>
    private protected RunningConfiguration? Running { get; set; }

    private PolicyInForce Policy => new(Acme.Hub(Name), Transactions, Clock, Running);

    private protected static BackfillScope Attributes(params string[] fields) => new(BackfillKind.Attributes, Fields: fields);

    /// <summary>Plans a run whose saga stands in <c>Delivering</c>.</summary>
    private protected async Task<Guid> PlanAsync(BackfillScope scope, (DateTimeOffset Opens, DateTimeOffset Closes)? window = null, string[]? named = null)
    {
        var run = Guid.NewGuid();
        scope = await WriteAsync(db => BackfillBook.AddAsync(db, run, scope, scope.RollsBack is null && (scope.Facts is null || named is not null) ? named ?? People : null, null, window, CancellationToken.None));
        await WriteAsync(db =>
        {
            db.Add(new BackfillRunState { CorrelationId = run, CurrentState = RunState.Delivering, Kind = scope.Kind, Destination = Name, RollsBack = scope.RollsBack, RequestedAt = Noon, LastProgressAt = Noon });
            return Task.CompletedTask;
        });
        var planner = new BackfillPlanner(new RunPlanner(Transactions, Plans, Policy, Telemetry, Clock), new PlanSeal(Transactions), Transactions, Microsoft.Extensions.Options.Options.Create(Options));
        Assert.That(await planner.PlanAsync(Destination, new PlanBackfill { RunId = run, Kind = scope.Kind, Destination = Name }, scope, Clock.Now, CancellationToken.None), Is.Not.Null);
        return run;
    }

    /// <summary>Lets a hub take its turn on every partition.</summary>
    private protected async Task DeliverAsync()
    {
        var (targets, health, open) = (Targets(), Health(), Microsoft.Extensions.Options.Options.Create(Options));
        var settler = new ClaimSettler(Transactions, Deliveries, Telemetry, Clock, NullLogger<ClaimSettler>.Instance);
        var sender = Sender(targets, health);
        var drain = new PartitionDrain(
            HubInstance.Create(), new DestinationDirectory(new Dictionary<string, Destination> { [Name] = Destination }), Transactions, Deliveries, sender,
            new BulkDrain(Transactions, Deliveries, Jobs, targets, sender, settler, health, new BulkExperience(Clock),
                new GivenUpJobs(Transactions, Deliveries, Jobs, targets, health, Clock, NullLogger<GivenUpJobs>.Instance), open, Clock, NullLogger<BulkDrain>.Instance),
            new LiveGuardrail(Acme.Hub(Name), Transactions, open, Clock, NullLogger<LiveGuardrail>.Instance), Policy, settler, health, Doorbell, Turns, open, Clock, NullLogger<PartitionDrain>.Instance);
        for (var partition = 0; partition < Options.Partitions; partition++)
        {
            await drain.RunAsync(Name, Lane.Backfill, partition, CancellationToken.None);
        }
    }

    private protected Task MoveAsync(Guid run, string state) => WriteAsync(async db =>
        (await db.Set<BackfillRunState>().SingleAsync(row => row.CorrelationId == run)).CurrentState = state);

    /// <summary>Changes the window of a run, in SQL from the database's clock on.</summary>
    private protected Task SetWindowAsync(Guid run, TimeSpan opensIn, TimeSpan closesIn) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(
            $"UPDATE backfill_plans SET opens_at = {session.Clock} + @opens, closes_at = {session.Clock} + @closes WHERE run_id = @run", CancellationToken.None,
            ("run", run), ("opens", opensIn), ("closes", closesIn));
    });

    /// <summary>What the ledger says of somebody, by number.</summary>
    private protected async Task<(string? Outcome, string? Code)> OutcomeAsync(Guid run, int person) => (
        await TextAsync("SELECT o.outcome FROM outcomes o JOIN profiles p ON p.profile_id = o.profile_id WHERE o.run_id = @run AND p.external_id = @person", ("run", run), ("person", People[person])),
        await TextAsync("SELECT o.code FROM outcomes o JOIN profiles p ON p.profile_id = o.profile_id WHERE o.run_id = @run AND p.external_id = @person", ("run", run), ("person", People[person])));

    /// <summary>What somebody has at the vendor, by number: town and nickname.</summary>
    private protected (string? Town, string? Nick) Shows(int person) => (Vendor.Value(People[person], Town), Vendor.Value(People[person], Nick));
}
