using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Privacy;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>A run of three people of one partition, a vendor in the test's hand, and hubs that take turns.</summary>
public abstract class DrainFixture(StorageDatabase database) : DeliveryFixture(database)
{
    private protected string Name { get; private set; } = null!;

    private protected string Audience { get; private set; } = null!;

    private protected string[] People { get; private set; } = null!;

    private protected Guid Run { get; set; }

    private protected AudienceGuardrail Guardrail { get; set; } = new(1, null);

    private protected AcmeConnector Vendor { get; set; } = null!;

    private protected Destination Destination { get; set; } = null!;

    [SetUp]
    public async Task Plan_a_run()
    {
        Running = null;
        (Name, Audience) = (Unique("dest"), Unique("aud"));
        People = [.. Enumerable.Range(0, 3).Select(_ => Unique("p"))];
        Clock.Now = TimeProvider.System.GetUtcNow().AddHours(1);
        Options.Bulk = false;
        await WriteAsync(db => Ledger.RouteConsentsAsync(db, [new ConsentRoute(Name, Acme.Purpose)], partitions: 1, CancellationToken.None));
        await ApplyAsync(Audience, "full", 0, People);
        Run = await StartRunAsync(Audience, destination: Name);
        await PlanAsync(Run, Audience, destination: Name);
        Use(Acme.Descriptor);
    }

    [TearDown]
    public async Task Close() => await Destination.DisposeAsync();

    private protected void Use(ConnectorDescriptor descriptor)
    {
        Vendor = new AcmeConnector { Descriptor = descriptor };
        Destination = Acme.Destination(Vendor, name: Name, audience: Audience);
    }

    /// <summary>The version of the configuration that the hubs run; null where the test compares none.</summary>
    private protected RunningConfiguration? Running { get; set; }

    /// <summary>A hub; each has a name of its own.</summary>
    private protected PartitionDrain Hub(OpenTurns? turns = null, string? name = null, IDeliveryStore? deliveries = null)
    {
        var (targets, health, open) = (Targets(), Health(), Microsoft.Extensions.Options.Options.Create(Options));
        var settler = new ClaimSettler(Transactions, Deliveries, Telemetry, Clock, NullLogger<ClaimSettler>.Instance);
        var sender = new BatchSender(
            Transactions, Deliveries, targets, new SendingMarks(Transactions, Deliveries, Clock), new BackfillSending(Transactions, new QuietWriting(Transactions, Clock), turns ?? Turns, Clock, NullLogger<BackfillSending>.Instance), health, turns ?? Turns, Telemetry, open, Clock, NullLogger<BatchSender>.Instance);
        return new PartitionDrain(
            name is null ? HubInstance.Create() : new HubInstance(name), new DestinationDirectory(new Dictionary<string, Destination> { [Name] = Destination }), Transactions, deliveries ?? Deliveries, sender,
            new BulkDrain(Transactions, Deliveries, Jobs, targets, sender, settler, health, new BulkExperience(Clock),
                new GivenUpJobs(Transactions, Deliveries, Jobs, targets, health, Clock, NullLogger<GivenUpJobs>.Instance), open, Clock, NullLogger<BulkDrain>.Instance),
            new LiveGuardrail(Configured(), Transactions, open, Clock, NullLogger<LiveGuardrail>.Instance), new PolicyInForce(Configured(), Transactions, Clock, Running), settler, health, Doorbell, turns ?? Turns, open, Clock, NullLogger<PartitionDrain>.Instance);
    }

    /// <summary>The configuration that the hubs follow.</summary>
    private protected HubConfiguration Configured()
    {
        var hub = Acme.Hub(Name, Audience);
        return hub with { Audiences = new Dictionary<string, AudienceConfiguration> { [Audience] = hub.Audiences[Audience] with { Guardrail = Guardrail } } };
    }

    private protected Task DrainAsync(string lane = Lane.Bulk) => Hub().RunAsync(Name, lane, 0, CancellationToken.None);

    /// <summary>The person withdraws.</summary>
    private protected Task DenyAsync(string person, int minute = 5) => AppendAsync(Consent(person, "denied", minute));

    /// <summary>What the vendor was sent, in order: the operation and for whom.</summary>
    private protected IReadOnlyList<string> Sent =>
        [.. Vendor.Delivered.Select(batch => $"{batch.Operation} {string.Join(',', batch.Items.Select(item => Array.IndexOf(People, item.Key)).Order())}")];

    private protected static Receipt Told(Batch batch, Outcome outcome, string? code = null) =>
        new() { Outcomes = [.. batch.Items.Select(item => AcmeConnector.Told(item, outcome) with { Code = code })] };

    /// <summary>What the ledger says of a person in a run, or in the urgent stream.</summary>
    private protected async Task<(string? Outcome, string? Code)> OutcomeAsync(string person, Guid? run = null) => (
        await TextAsync("SELECT o.outcome FROM outcomes o JOIN profiles p ON p.profile_id = o.profile_id WHERE o.run_id = @run AND p.external_id = @person", ("run", run ?? Run), ("person", person)),
        await TextAsync("SELECT o.code FROM outcomes o JOIN profiles p ON p.profile_id = o.profile_id WHERE o.run_id = @run AND p.external_id = @person", ("run", run ?? Run), ("person", person)));

    private protected Task<long> MembershipsAsync(string person, string condition) => CountAsync(
        $"SELECT count(*) FROM destination_members m JOIN profiles p ON p.profile_id = m.profile_id WHERE m.destination = '{Name}' AND p.external_id = '{person}' AND {condition}");

    /// <summary>What waits in the urgent lane, whenever it is due.</summary>
    private protected Task<long> OwedAsync() => CountRowsAsync("deliveries", LiveStream.IdOf(Name));
}
