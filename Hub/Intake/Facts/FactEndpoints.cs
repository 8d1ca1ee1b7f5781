using IntegrationHub.Hub.Intake.Broker;
using MassTransit;
using MassTransit.Configuration;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>Where facts come in from a bus in the process' memory: typed contracts alone, since nobody outside reaches it. From a broker they are taken without the bus (<see cref="FactBroker"/>).</summary>
internal static class FactEndpoints
{
    /// <summary>Maps both queues.</summary>
    /// <param name="context">Registrations.</param>
    /// <param name="bus">The bus.</param>
    /// <param name="retry">How outages are waited out.</param>
    public static void Map(IBusRegistrationContext context, IInMemoryBusFactoryConfigurator bus, Action<IRetryConfigurator> retry)
    {
        foreach (var queue in FactQueue.All)
        {
            bus.ReceiveEndpoint(queue.Name, endpoint => Configure(context, endpoint, retry, queue));
        }
    }

    private static void Configure(IBusRegistrationContext context, IInMemoryReceiveEndpointConfigurator endpoint, Action<IRetryConfigurator> retry, FactQueue queue)
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.PublishFaults = false;
        endpoint.PrefetchCount = queue.Prefetch;
        endpoint.ClearSerialization();
        endpoint.AddSerializer(new SystemTextJsonMessageSerializerFactory());
        endpoint.AddDeserializer(new IncomingFactDeserializer(), isDefault: true);
        endpoint.UseMessageRetry(retry);
        endpoint.ConfigureConsumer<FactConsumer>(context, consumer => consumer.Options<BatchOptions>(batch => batch
            .SetMessageLimit(queue.Batch)
            .SetTimeLimit(queue.Wait)
            .SetConcurrencyLimit(queue.Lanes)));
        foreach (var contract in queue.Contracts)
        {
            contract.BindTo(endpoint);
        }
    }
}
