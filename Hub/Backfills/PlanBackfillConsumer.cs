using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Backfills;
using MassTransit;

namespace IntegrationHub.Hub.Backfills;

/// <summary>Step Planning of a backfill.</summary>
internal sealed partial class PlanBackfillConsumer(
    DestinationDirectory destinations, BackfillPlanner planner, ReplayPlanner replays, RebuildPlanner rebuilds, OutboxTransaction transactions, TimeProvider time, ILogger<PlanBackfillConsumer> logger) : IConsumer<PlanBackfill>
{
    /// <inheritdoc />
    public async Task Consume(ConsumeContext<PlanBackfill> context)
    {
        var step = context.Message;
        var destination = destinations.Find(step.Destination);
        if (destination is null && step.Kind != BackfillKind.Rebuild)
        {
            await FailAsync(context, "destination_unknown", $"Add destinations/{step.Destination}.yaml or plan a backfill for a destination that is configured.");
            return;
        }

        if (await transactions.ReadAsync(db => BackfillBook.FindPlanAsync(db, step.RunId, context.CancellationToken)) is not { Scope: var scope })
        {
            await FailAsync(context, "scope_unknown", "Nothing says what this run is about; plan another one with 'backfill plan'.");
            return;
        }

        var planned = step.Kind switch
        {
            BackfillKind.Rebuild => await rebuilds.PlanAsync(step, scope, time.GetUtcNow(), context.CancellationToken),
            BackfillKind.Redeliver => await replays.PlanAsync(destination!, step, scope, time.GetUtcNow(), context.CancellationToken),
            _ => await planner.PlanAsync(destination!, step, scope, time.GetUtcNow(), context.CancellationToken),
        };
        if (planned is null)
        {
            LogOtherPlanner(step.RunId, step.Destination);
            return;
        }

        LogPlanned(step.RunId, step.Destination, planned.Planned, planned.ToWrite);
        await context.Publish(planned, context.CancellationToken);
    }

    private Task FailAsync(ConsumeContext<PlanBackfill> context, string code, string detail) => context.Publish(
        new BackfillStepFailed { RunId = context.Message.RunId, Step = nameof(PlanBackfill), Code = code, Detail = detail, At = time.GetUtcNow() }, context.CancellationToken);

    [LoggerMessage(2311, LogLevel.Information, "Backfill {RunId}: planned {Planned} records for {Destination}, {ToWrite} to write")]
    private partial void LogPlanned(Guid runId, string destination, long planned, long toWrite);

    [LoggerMessage(2312, LogLevel.Information, "Backfill {RunId}: another instance plans for {Destination} already")]
    private partial void LogOtherPlanner(Guid runId, string destination);
}
