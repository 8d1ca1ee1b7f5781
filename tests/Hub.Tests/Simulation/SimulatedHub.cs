using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Contracts.Deliveries;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Backfills;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Erasure;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Observability;
using IntegrationHub.Hub.Planning;
using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Verification;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Sagas.Erasure.Messages;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Plans;
using IntegrationHub.Storage.Runs;
using IntegrationHub.Storage.Verification;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Tests.Simulation;

/// <summary>One process of the hub: the real steps, planner, claims and settlement, until it is killed. A dead one reaches the database no more.</summary>
internal sealed class SimulatedHub : IServiceScopeFactory, IAsyncDisposable
{
    private readonly SimulatedDatabase _database;
    private readonly SimulatedBroker _broker;
    private readonly ServiceProvider _services;

    public SimulatedHub(string name, SimulatedDatabase database, SimulatedClock clock, SimulatedBroker broker, Destination destination, HubConfiguration configuration, SimulatedWorld world, Func<IDeliveryStore, IDeliveryStore> watch)
    {
        (_database, _broker, Clock) = (database, broker, new SimulatedClock.OfProcess(clock));
        var shared = database.Services;
        _services = new ServiceCollection()
            .AddLogging().AddMetrics().AddSingleton<HubTelemetry>()
            .AddSingleton<TimeProvider>(Clock).AddSingleton(new HubInstance(name)).AddSingleton(configuration).AddSingleton(new ApiKey(null))
            .AddSingleton(new DestinationDirectory(new Dictionary<string, Destination> { [destination.Name] = destination }))
            .AddSingleton(Options.Create(new DeliveryOptions
            {
                Bulk = world.HasJobs, LongestVendorJob = SimulatedWorld.LongestJob, Partitions = 2, ClaimSize = 4, MaxAttempts = 3, FirstRetryDelay = TimeSpan.Zero, FirstCircuitPause = TimeSpan.Zero, TimeSlice = TimeSpan.FromHours(1),
            }))
            .AddSingleton(watch(shared.GetRequiredService<IDeliveryStore>()))
            .AddSingleton(_ => shared.GetRequiredService<IPlanStore>()).AddSingleton(_ => shared.GetRequiredService<IRunStore>()).AddSingleton(_ => shared.GetRequiredService<IBulkJobStore>())
            .AddSingleton(_ => shared.GetRequiredService<IDestinationStore>()).AddSingleton(_ => shared.GetRequiredService<IVerificationStore>()).AddSingleton(_ => shared.GetRequiredService<IReadBackStore>())
            .AddSingleton(_ => shared.GetRequiredService<IReadBackLeases>()).AddSingleton(_ => shared.GetRequiredService<ISnapshotStore>()).AddSingleton(_ => shared.GetRequiredService<ILedger>())
            .AddSingleton(new OutboxTransaction(this)).AddSingleton(new Doorbell(broker.Endpoint<IBus>(broker.Put)))
            .AddSingleton(_ => shared.GetRequiredService<PersonSearch>()).AddSingleton(_ => shared.GetRequiredService<SealedPeople>()).AddSingleton(_ => shared.GetRequiredService<Tombstones>())
            .AddSingleton(_ => shared.GetRequiredService<PersonErasure>()).AddSingleton(Options.Create(new ErasureOptions()))
            .AddSingleton<PersonDeletion>().AddSingleton<ErasureDesk>().AddSingleton<ErasureAcceptance>().AddSingleton<ErasureApproval>().AddSingleton<IApprovable>(provider => provider.GetRequiredService<ErasureApproval>())
            .AddDelivery().AddReconciliation().AddBackfills().AddSingleton<DoorbellSweeper>().AddSingleton<LiveBell>()
            .AddSingleton<ApprovalRules>().AddSingleton<ApprovalCourt>().AddSingleton<HeldReminder>().AddSingleton<ErasureReminder>().AddSingleton<ApprovalExpiry>().AddSingleton<SyncApproval>().AddSingleton<IApprovable>(provider => provider.GetRequiredService<SyncApproval>())
            .BuildServiceProvider();
    }

    public SimulatedClock.OfProcess Clock { get; }

    public bool IsDead => Clock.IsDead;

    /// <summary>How many things it is at.</summary>
    public int Works { get; set; }

    public OutboxTransaction Transactions => The<OutboxTransaction>();

    public T The<T>()
        where T : class => _services.GetRequiredService<T>();

    public void Kill() => Clock.Kill();

    /// <summary>Whoever gets no scope does not reach the database.</summary>
    public IServiceScope CreateScope() => IsDead ? throw new ProcessKilledException() : _database.Services.CreateScope();

    /// <summary>Does what a message asks for, by the code that does it in production.</summary>
    public Task ConsumeAsync(object message) => message switch
    {
        PlanAudienceSync step => ByAsync<PlanAudienceSyncConsumer, PlanAudienceSync>(step),
        DeliverAudienceSync step => ByAsync<DeliverAudienceSyncConsumer, DeliverAudienceSync>(step),
        VerifyAudienceSync step => ByAsync<VerifyAudienceSyncConsumer, VerifyAudienceSync>(step),
        CancelDeliveries step => ByAsync<CancelDeliveriesConsumer, CancelDeliveries>(step),
        AudienceSyncAwaitingApproval word => ByAsync<RunHeldConsumer, AudienceSyncAwaitingApproval>(word),
        PlanBackfill step => ByAsync<PlanBackfillConsumer, PlanBackfill>(step),
        DeliverBackfill step => ByAsync<DeliverBackfillConsumer, DeliverBackfill>(step),
        VerifyBackfill step => ByAsync<VerifyBackfillConsumer, VerifyBackfill>(step),
        BackfillRunChanged word => ByAsync<BackfillChangedConsumer, BackfillRunChanged>(word),
        SuppressPerson step => ByAsync<SuppressPersonConsumer, SuppressPerson>(step),
        EraseAtDestinations step => ByAsync<EraseAtDestinationsConsumer, EraseAtDestinations>(step),
        EraseOwnTables step => ByAsync(step, new EraseOwnTablesConsumer(this, The<PersonErasure>(), Clock)),
        RecheckDestinations step => ByAsync(
            step,
            new RecheckDestinationsConsumer(
                Transactions, this, The<SealedPeople>(), The<PersonErasure>(), The<PersonDeletion>(), The<DestinationDirectory>(), The<IOptions<ErasureOptions>>(), Clock)),
        DeliveryDue due => The<PartitionDrain>().RunAsync(due.Destination, due.Lane, due.Partition, CancellationToken.None),
        DiagnoseAudienceSync step => PutAsync(new AudienceSyncDiagnosed { RunId = step.RunId, Code = "busy", Detail = "Wait.", At = Clock.GetUtcNow() }),
        DiagnoseBackfill step => PutAsync(new BackfillDiagnosed { RunId = step.RunId, Code = "busy", Detail = "Wait.", At = Clock.GetUtcNow() }),
        _ => throw new NotSupportedException($"{message.GetType().Name} is not simulated."),
    };

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private Task PutAsync(object message)
    {
        _broker.Put(message);
        return Task.CompletedTask;
    }

    private Task ByAsync<TConsumer, TMessage>(TMessage message)
        where TConsumer : class, IConsumer<TMessage>
        where TMessage : class => ByAsync(message, ActivatorUtilities.CreateInstance<TConsumer>(_services));

    private Task ByAsync<TMessage>(TMessage message, IConsumer<TMessage> consumer)
        where TMessage : class => consumer.Consume(Standin.Of<ConsumeContext<TMessage>>((method, args) => method.Name switch
    {
        "get_Message" => message,
        "get_CancellationToken" => CancellationToken.None,
        "Publish" => PutAsync(args[0]!),
        _ => throw new NotSupportedException($"ConsumeContext.{method.Name} is not simulated."),
    }));
}
