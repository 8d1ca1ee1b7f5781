using MassTransit;

namespace IntegrationHub.Hub.Intake.Broker;

/// <summary>A .NET contract that comes to a queue, from whichever bus.</summary>
/// <param name="Exchange">The exchange of the broker to which the bus of a producer publishes it.</param>
/// <param name="BindTo">Binds it to a queue in the process' memory, whose exchanges are called otherwise.</param>
internal sealed record FactContract(string Exchange, Action<IInMemoryReceiveEndpointConfigurator> BindTo)
{
    public static FactContract Of<T>()
        where T : class => new($"{typeof(T).Namespace}:{typeof(T).Name}", endpoint => endpoint.Bind<T>());
}
