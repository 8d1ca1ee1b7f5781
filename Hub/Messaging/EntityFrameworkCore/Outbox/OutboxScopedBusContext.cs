using MassTransit.Clients;
using MassTransit.DependencyInjection;
using MassTransit.Middleware;
using MassTransit.Middleware.Outbox;
using MassTransit.Transports;

namespace MassTransit.EntityFrameworkCoreIntegration.Outbox;

/// <summary>The bus as a scope sees it: everything that is sent goes into the outbox.</summary>
internal sealed class OutboxScopedBusContext(IBus bus, OutboxSendContext outbox, IClientFactory clientFactory, IServiceProvider provider)
    : ScopedBusContext
{
    private ISendEndpointProvider? _sendEndpointProvider;
    private IPublishEndpoint? _publishEndpoint;
    private IScopedClientFactory? _clientFactory;

    public ISendEndpointProvider SendEndpointProvider => _sendEndpointProvider ??= new OutboxSendEndpointProvider(outbox, bus);

    public IPublishEndpoint PublishEndpoint => _publishEndpoint ??= new PublishEndpoint(new OutboxPublishEndpointProvider(outbox, bus));

    public IScopedClientFactory ClientFactory =>
        _clientFactory ??= new ScopedClientFactory(new ClientFactory(new ScopedClientFactoryContext(clientFactory, provider)), null!);
}
