using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Runs;
using MassTransit;

namespace IntegrationHub.Hub.Runs;

/// <summary>A guardrail holds a run: somebody is asked. Said twice, it is asked once.</summary>
internal sealed class RunHeldConsumer(SyncApproval approval, IRunStore runs, OutboxTransaction transactions) : IConsumer<AudienceSyncAwaitingApproval>
{
    public Task Consume(ConsumeContext<AudienceSyncAwaitingApproval> context) => transactions.RunAsync(
        async (db, _) =>
        {
            if (await runs.FindAsync(db, context.Message.RunId, context.CancellationToken) is { State: RunState.AwaitingApproval } run)
            {
                await approval.RequestAsync(db, run, context.CancellationToken);
            }
        },
        context.CancellationToken);
}
