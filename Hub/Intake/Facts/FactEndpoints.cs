using IntegrationHub.Contracts.Events;
using MassTransit;
using MassTransit.Configuration;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>Where facts come in from the bus: changes of consent have an endpoint of their own, so that they never stand behind a flood of others.</summary>
internal static class FactEndpoints
{
    /// <summary>Endpoint of all other facts.</summary>
    public const string Intake = "hub-intake";

    /// <summary>Endpoint of changes of consent.</summary>
    public const string Consents = "hub-consents";

    /// <summary>Topic exchange on which producers in any language publish facts as plain JSON; the routing key is the event type.</summary>
    public const string RawExchange = "hub.events";

    // A batch is one transaction: large enough to amortise it, small enough to stay short.
    private const int IntakeBatch = 500;
    private const int ConsentBatch = 100;
    private static readonly TimeSpan _intakeWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _consentWait = TimeSpan.FromMilliseconds(10);

    /// <summary>Maps both endpoints.</summary>
    /// <param name="context">Registrations.</param>
    /// <param name="bus">The bus.</param>
    /// <param name="durable">What makes an endpoint durable there.</param>
    /// <param name="retry">How outages are waited out.</param>
    public static void Map<TEndpoint>(IBusRegistrationContext context, IBusFactoryConfigurator<TEndpoint> bus, Action<TEndpoint> durable, Action<IRetryConfigurator> retry)
        where TEndpoint : IReceiveEndpointConfigurator
    {
        bus.ReceiveEndpoint(Consents, endpoint =>
        {
            durable(endpoint);
            Configure(context, endpoint, retry, ConsentBatch, _consentWait);
            Bind<ConsentUpdated>(endpoint);
            BindRaw(endpoint, ConsentUpdated.Type);
        });
        bus.ReceiveEndpoint(Intake, endpoint =>
        {
            durable(endpoint);
            Configure(context, endpoint, retry, IntakeBatch, _intakeWait);
            Bind<ProfileUpdated>(endpoint);
            Bind<ProfileMerged>(endpoint);
            Bind<ProfileDeleted>(endpoint);
            Bind<AudienceMembershipChanged>(endpoint);
            Bind<BehaviorTracked>(endpoint);
            Bind<LeadCreated>(endpoint);
            Bind<LeadEnriched>(endpoint);
            Bind<LeadScored>(endpoint);
            Bind<LeadQualified>(endpoint);
            Bind<AccountUpdated>(endpoint);
            Bind<OpportunityCreated>(endpoint);
            Bind<OpportunityStageChanged>(endpoint);
            // Whatever key they have: a fact under a wrong key is read, or set aside where somebody sees it. A change of consent comes to both, and the repeat is swallowed.
            BindRaw(endpoint, "#");
        });
    }

    private static void Configure(IBusRegistrationContext context, IReceiveEndpointConfigurator endpoint, Action<IRetryConfigurator> retry, int batchSize, TimeSpan wait)
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.PublishFaults = false;
        endpoint.PrefetchCount = batchSize * 3;
        endpoint.ClearSerialization();
        endpoint.AddSerializer(new SystemTextJsonMessageSerializerFactory());
        endpoint.AddDeserializer(new IncomingFactDeserializer(), isDefault: true);
        endpoint.UseMessageRetry(retry);
        endpoint.ConfigureConsumer<FactConsumer>(context, consumer => consumer.Options<BatchOptions>(batch => batch
            .SetMessageLimit(batchSize)
            .SetTimeLimit(wait)
            .SetConcurrencyLimit(2)));
    }

    private static void Bind<TFact>(IReceiveEndpointConfigurator endpoint)
        where TFact : class
    {
        (endpoint as IRabbitMqReceiveEndpointConfigurator)?.Bind<TFact>();
        (endpoint as IInMemoryReceiveEndpointConfigurator)?.Bind<TFact>();
    }

    /// <summary>On the broker only: nobody outside the process reaches a bus in its memory.</summary>
    private static void BindRaw(IReceiveEndpointConfigurator endpoint, string routingKey) =>
        (endpoint as IRabbitMqReceiveEndpointConfigurator)?.Bind(RawExchange, exchange =>
        {
            exchange.ExchangeType = "topic";
            exchange.RoutingKey = routingKey;
            exchange.Durable = true;
            exchange.AutoDelete = false;
        });
}
