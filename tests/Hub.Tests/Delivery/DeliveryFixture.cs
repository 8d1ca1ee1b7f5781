using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Catalog.Drift;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Retention;
using IntegrationHub.Hub.Delivery;
using System.Diagnostics.Metrics;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Observability;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Tests.Storage;
using IntegrationHub.Storage;
using MassTransit.Testing;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>The parts that deliver, on a real database, with a vendor and a clock in the test's hand.</summary>
public abstract class DeliveryFixture(StorageDatabase database = StorageDatabase.Sqlite) : StorageFixture(database)
{
    private ITestHarness _bus = null!;

    private protected DeliveryOptions Options { get; } = new() { MaxAttempts = 3, FirstRetryDelay = TimeSpan.Zero };

    private protected StoppedClock Clock { get; } = new(Noon);

    private protected OpenTurns Turns { get; } = new();

    private protected OutboxTransaction Transactions => new(Scopes);

    protected override void AddServices(IServiceCollection services) => services.AddMetrics().AddMassTransitTestHarness();

    [OneTimeSetUp]
    public async Task Start_the_bus()
    {
        _bus = Scopes.CreateScope().ServiceProvider.GetRequiredService<ITestHarness>();
        await _bus.Start();
    }

    [OneTimeTearDown]
    public async Task Stop_the_bus()
    {
        Turns.Dispose();
        await _bus.Stop();
    }

    /// <summary>Counts that nobody reads.</summary>
    private protected HubTelemetry Telemetry => new(Scopes.CreateScope().ServiceProvider.GetRequiredService<IMeterFactory>());

    private protected Doorbell Doorbell => new(_bus.Bus);

    private protected FactIntake Intake(HubConfiguration? configuration = null, OutboxTransaction? transactions = null, FieldTally? fields = null, FactTerms? terms = null) => new(
        transactions ?? Transactions, Ledger, Scopes.CreateScope().ServiceProvider.GetRequiredService<IQuarantine>(), Deliveries, Scopes.CreateScope().ServiceProvider.GetRequiredService<Tombstones>(), Doorbell, configuration ?? Acme.Hub(), FactRetention.Default, Telemetry,
        TimeProvider.System, NullLogger<FactIntake>.Instance, fields, terms: terms);

    private protected ITestHarness Harness => _bus;

    private protected AudienceTargets Targets() => new(Transactions, Destinations, Health(), Clock, NullLogger<AudienceTargets>.Instance);

    private protected DestinationHealth Health(OutboxTransaction? transactions = null) => new(transactions ?? Transactions, Destinations, new RunReminder(Transactions, Runs, Clock, NullLogger<RunReminder>.Instance), Microsoft.Extensions.Options.Options.Create(Options), Clock, NullLogger<DestinationHealth>.Instance);

    private protected BatchSender Sender(AudienceTargets targets, DestinationHealth health, SendingMarks? marks = null) =>
        new(Transactions, Deliveries, targets, marks ?? new SendingMarks(Transactions, Deliveries, Clock), new BackfillSending(Transactions, new QuietWriting(Transactions, Clock), Turns, Clock, NullLogger<BackfillSending>.Instance), health, Turns, Telemetry, Microsoft.Extensions.Options.Options.Create(Options), Clock, NullLogger<BatchSender>.Instance);

    /// <summary>The bulk deliverer of an instance that has just started.</summary>
    private protected BulkDrain BulkDrain(BulkExperience? experience = null)
    {
        var (targets, health) = (Targets(), Health());
        return new BulkDrain(
            Transactions, Deliveries, Jobs, targets, Sender(targets, health), new ClaimSettler(Transactions, Deliveries, Telemetry, Clock, NullLogger<ClaimSettler>.Instance), health, experience ?? new BulkExperience(Clock),
            new GivenUpJobs(Transactions, Deliveries, Jobs, targets, health, Clock, NullLogger<GivenUpJobs>.Instance),
            Microsoft.Extensions.Options.Options.Create(Options), Clock, NullLogger<BulkDrain>.Instance);
    }
}
