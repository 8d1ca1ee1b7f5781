using IntegrationHub.Hub.Backfills;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Erasure;
using IntegrationHub.Hub.Intake.Broker;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Observability;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Verification;
using IntegrationHub.Sagas;
using IntegrationHub.Sagas.Runs;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage;
using MassTransit;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Messaging;

/// <summary>The bus: outbox, sagas, consumers and their endpoints, the same on RabbitMQ and in memory.</summary>
internal static class BusSetup
{
    /// <summary>Endpoint of the steps of runs.</summary>
    public const string RunsEndpoint = "hub-runs";

    /// <summary>Endpoint of reading back, which takes as long as the vendor takes: on places of its own, so that planning, delivering and canceling wait for nobody.</summary>
    public const string VerificationEndpoint = "hub-verification";

    // Steps may take minutes each; eight at once keep three destinations of two audiences busy without starving the pool.
    private const int StepsAtOnce = 8;

    public static void AddHubBus(this IServiceCollection services, HubOptions hub)
    {
        var tls = BrokerTls.Read(hub.BrokerTls);
        services.AddOptions<MassTransitHostOptions>().Configure(host =>
        {
            // Publishing before queues are bound loses messages silently.
            host.WaitUntilStarted = true;
            host.StopTimeout = TimeSpan.FromSeconds(20);
        });
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.SetKebabCaseEndpointNameFormatter();
            bus.AddEntityFrameworkOutbox<HubDbContext>(outbox =>
            {
                Choose(hub, outbox.UsePostgres, outbox.UseSqlite);
                outbox.UseBusOutbox();
            });
            bus.AddEntityFrameworkScheduler<HubDbContext>(schedule => Choose(hub, schedule.UsePostgres, schedule.UseSqlite));
            bus.SetEntityFrameworkSagaRepositoryProvider(sagas =>
            {
                sagas.ExistingDbContext<HubDbContext>();
                Choose(hub, sagas.UsePostgres, sagas.UseSqlite);
            });
            bus.AddSagas();
            bus.AddOptions<RunOptions>().Configure(run => (run.ProgressTimeout, run.VerificationPatience, run.FieldPatience) = (hub.ProgressTimeout, hub.VerificationPatience, hub.FieldPatience));
            bus.AddConfigureEndpointsCallback((context, _, endpoint) => ConfigureSagaEndpoint(context, endpoint));
            bus.AddConsumer<DeliveryDueConsumer>().ExcludeFromConfigureEndpoints();
            bus.AddConsumer<ApplySnapshotConsumer>().ExcludeFromConfigureEndpoints();
            bus.AddConsumer<PlanAudienceSyncConsumer>().ExcludeFromConfigureEndpoints();
            bus.AddConsumer<DeliverAudienceSyncConsumer>().ExcludeFromConfigureEndpoints();
            bus.AddConsumer<VerifyAudienceSyncConsumer>().ExcludeFromConfigureEndpoints();
            bus.AddConsumer<CancelDeliveriesConsumer>().ExcludeFromConfigureEndpoints();
            bus.AddConsumer<DiagnoseAudienceSyncConsumer>().ExcludeFromConfigureEndpoints();
            bus.AddBackfillConsumers();
            bus.AddConsumer<RunHeldConsumer>().ExcludeFromConfigureEndpoints();
            bus.AddErasureConsumers();
            if (hub.Bus == BusKind.RabbitMq)
            {
                bus.UsingRabbitMq((context, rabbit) =>
                {
                    rabbit.Host(new Uri(hub.RabbitMq!), host => tls.Apply(new Uri(hub.RabbitMq!), host));
                    MapEndpoints(context, rabbit, endpoint => endpoint.SetQuorumQueue());
                });
            }
            else
            {
                bus.AddConsumer<FactConsumer>().ExcludeFromConfigureEndpoints();
                bus.UsingInMemory((context, memory) =>
                {
                    FactEndpoints.Map(context, memory, WaitOutAnOutage);
                    MapEndpoints(context, memory, _ => { });
                });
            }
        });
        if (hub.Bus == BusKind.RabbitMq)
        {
            services.AddSingleton(tls).AddSingleton<FactBroker>().AddHostedService(provider => provider.GetRequiredService<FactBroker>()); // after the bus, so that it stops before it
            services.AddHealthChecks().AddCheck<FactBrokerHealth>(FactBrokerHealth.Name, tags: [HealthEndpoints.Ready]);
        }
    }

    private static void Choose(HubOptions hub, Action postgres, Action sqlite)
    {
        if (hub.Database == StorageDatabase.Postgres)
        {
            postgres();
        }
        else
        {
            sqlite();
        }
    }

    private static void ConfigureSagaEndpoint(IRegistrationContext context, IReceiveEndpointConfigurator endpoint)
    {
        (endpoint as IRabbitMqReceiveEndpointConfigurator)?.SetQuorumQueue();
        endpoint.UseEntityFrameworkOutbox<HubDbContext>(context);
    }

    private static void MapEndpoints<TEndpoint>(IBusRegistrationContext context, IBusFactoryConfigurator<TEndpoint> bus, Action<TEndpoint> durable)
        where TEndpoint : IReceiveEndpointConfigurator
    {
        bus.UseEntityFrameworkScheduler(context);
        bus.ReceiveEndpoint(RunsEndpoint, endpoint =>
        {
            durable(endpoint);
            endpoint.PrefetchCount = StepsAtOnce;
            endpoint.ConcurrentMessageLimit = StepsAtOnce;
            endpoint.UseMessageRetry(WaitOutAnOutage);
            KeepNothingOfFailures(endpoint);
            endpoint.ConfigureConsumer<ApplySnapshotConsumer>(context);
            endpoint.ConfigureConsumer<PlanAudienceSyncConsumer>(context);
            endpoint.ConfigureConsumer<DeliverAudienceSyncConsumer>(context);
            endpoint.ConfigureConsumer<CancelDeliveriesConsumer>(context);
            endpoint.ConfigureConsumer<DiagnoseAudienceSyncConsumer>(context);
            endpoint.ConfigureConsumer<PlanBackfillConsumer>(context);
            endpoint.ConfigureConsumer<DeliverBackfillConsumer>(context);
            endpoint.ConfigureConsumer<DiagnoseBackfillConsumer>(context);
            endpoint.ConfigureConsumer<BackfillChangedConsumer>(context);
            endpoint.ConfigureConsumer<RunHeldConsumer>(context);
        });
        bus.ReceiveEndpoint(VerificationEndpoint, endpoint =>
        {
            durable(endpoint);
            endpoint.PrefetchCount = StepsAtOnce;
            endpoint.ConcurrentMessageLimit = StepsAtOnce;
            endpoint.UseMessageRetry(WaitOutAnOutage);
            KeepNothingOfFailures(endpoint);
            endpoint.ConfigureConsumer<VerifyAudienceSyncConsumer>(context);
            endpoint.ConfigureConsumer<VerifyBackfillConsumer>(context);
        });
        bus.MapErasures(context, endpoint =>
        {
            durable(endpoint);
            endpoint.UseMessageRetry(WaitOutAnOutage);
            KeepNothingOfFailures(endpoint);
        });
        var delivery = context.GetRequiredService<IOptions<DeliveryOptions>>().Value;
        foreach (var destination in context.GetRequiredService<DestinationDirectory>().All)
        {
            // Events come all day, to every partition: each finds somebody free, so that doorbells never pile up.
            foreach (var (name, atOnce) in new[]
            {
                (Doorbell.EndpointName(destination.Name), delivery.PartitionsAtOnce),
                (Doorbell.StreamEndpointName(destination.Name, Lane.Urgent), delivery.PartitionsAtOnce),
                (Doorbell.StreamEndpointName(destination.Name, Lane.Live), delivery.Partitions),
                (Doorbell.StreamEndpointName(destination.Name, Lane.Replay), delivery.PartitionsAtOnce),
            })
            {
                bus.ReceiveEndpoint(name, endpoint =>
                {
                    durable(endpoint);
                    endpoint.ConfigureConsumeTopology = false;
                    endpoint.PrefetchCount = atOnce * 2;
                    endpoint.ConcurrentMessageLimit = atOnce;
                    KeepNothingOfFailures(endpoint);
                    endpoint.ConfigureConsumer<DeliveryDueConsumer>(context);
                });
            }
        }

        bus.ConfigureEndpoints(context);
    }

    /// <summary>
    /// Where everything is asked for again until it is done, a message that fails is worth its line in the log and nothing more: a queue that nobody empties
    /// would only hide the one that somebody has to (runbook error-queues).
    /// </summary>
    private static void KeepNothingOfFailures(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.DiscardFaultedMessages();
        endpoint.DiscardSkippedMessages();
    }

    /// <summary>Quick at first, about eight minutes in all: longer than a restart of the database, shorter than the broker's patience with an unacknowledged message.</summary>
    private static void WaitOutAnOutage(IRetryConfigurator retry) =>
        retry.Intervals([.. new[] { 0.2, 0.5, 1, 1, 2, 2, 3, 5, 5, 10, 10, 20 }.Concat(Enumerable.Repeat(30.0, 14)).Select(TimeSpan.FromSeconds)]);
}
