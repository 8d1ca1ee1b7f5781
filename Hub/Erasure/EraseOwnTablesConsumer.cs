using IntegrationHub.Sagas.Erasure.Messages;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Erasures;
using MassTransit;

namespace IntegrationHub.Hub.Erasure;

/// <summary>Step ErasingOwn: what the hub itself still has of the person goes.</summary>
internal sealed class EraseOwnTablesConsumer(IServiceScopeFactory scopes, PersonErasure erasure, TimeProvider time) : IConsumer<EraseOwnTables>
{
    /// <inheritdoc />
    public async Task Consume(ConsumeContext<EraseOwnTables> context)
    {
        await using (var scope = scopes.CreateAsyncScope())
        {
            await erasure.EraseOwnAsync(scope.ServiceProvider.GetRequiredService<HubDbContext>(), context.Message.RequestId, time.GetUtcNow(), context.CancellationToken);
        }

        await context.Publish(new OwnTablesErased { RequestId = context.Message.RequestId, At = time.GetUtcNow() }, context.CancellationToken);
    }
}
