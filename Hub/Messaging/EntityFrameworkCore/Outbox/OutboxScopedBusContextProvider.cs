using MassTransit.DependencyInjection;
using Microsoft.EntityFrameworkCore;

namespace MassTransit.EntityFrameworkCoreIntegration.Outbox;

/// <summary>Gives a consumer's scope the consumer's own context, and every other scope the bus outbox.</summary>
internal sealed class OutboxScopedBusContextProvider<TDbContext>(IBus bus, BusOutbox<TDbContext> outbox, Bind<IBus, IClientFactory> clientFactory,
    Bind<IBus, IScopedConsumeContextProvider> consumeContext, IScopedConsumeContextProvider anyConsumeContext, IServiceProvider provider)
    : IScopedBusContextProvider<IBus>
    where TDbContext : DbContext
{
    private ScopedBusContext? _context;

    public ScopedBusContext Context => _context ??= Create();

    private ScopedBusContext Create()
    {
        if (consumeContext.Value.HasContext)
            return new ConsumeContextScopedBusContext(consumeContext.Value.GetContext(), clientFactory.Value);
        if (anyConsumeContext.HasContext)
            return new ConsumeContextScopedBusContext<IBus>(bus, anyConsumeContext.GetContext(), clientFactory.Value, provider);
        return new OutboxScopedBusContext(bus, outbox, clientFactory.Value, provider);
    }
}
