using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Backfills;
using MassTransit;

namespace IntegrationHub.Hub.Backfills;

/// <summary>A plan that begins to wait is asked about, and a run that is over is not any more. Said twice or late, the run's row tells how it is.</summary>
internal sealed class BackfillChangedConsumer(BackfillApproval approval, OutboxTransaction transactions) : IConsumer<BackfillRunChanged>
{
    /// <inheritdoc />
    public Task Consume(ConsumeContext<BackfillRunChanged> context) => transactions.RunAsync(
        async (db, _) =>
        {
            var run = (await BackfillBook.FindAsync(db, context.Message.RunId, context.CancellationToken))?.Run;
            if (run is { FinishedAt: not null })
            {
                await approval.WithdrawAsync(db, run, context.CancellationToken);
            }

            if (run is { CurrentState: RunState.AwaitingApproval } or { FinishedAt: not null, DeliveringAt: null })
            {
                await approval.AskAsync(db, run.CorrelationId, context.CancellationToken); // also of those that waited for this one's plan
            }
        },
        context.CancellationToken);
}
