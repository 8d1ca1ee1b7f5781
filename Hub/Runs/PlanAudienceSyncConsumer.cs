using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Planning;
using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Hub.Verification;
using IntegrationHub.Storage.Reconciliations;
using MassTransit;

namespace IntegrationHub.Hub.Runs;

/// <summary>Step Planning. A mirror run first reads the vendor's members, so that strangers are in the plan.</summary>
internal sealed partial class PlanAudienceSyncConsumer(
    DestinationDirectory destinations,
    AudienceSyncPlanner planner,
    MemberReadBack readBack,
    Reconciler reconciler,
    StepPostponement postponement,
    TimeProvider time,
    ILogger<PlanAudienceSyncConsumer> logger) : IConsumer<PlanAudienceSync>
{
    /// <inheritdoc />
    public async Task Consume(ConsumeContext<PlanAudienceSync> context)
    {
        var step = context.Message;
        if (destinations.Find(step.Destination) is not { } destination)
        {
            await FailAsync(context, "destination_unknown", $"Add destinations/{step.Destination}.yaml or start a run for a destination that is configured.");
            return;
        }

        if (step.Mode == SyncMode.Mirror)
        {
            if (!destination.ListsMembers)
            {
                await FailAsync(context, "mirror_not_supported", $"{destination.Descriptor.DisplayName} cannot list an audience's members; use mode full.");
                return;
            }

            if (!await AdoptStrangersAsync(context, destination))
            {
                return;
            }
        }

        var decidedAs = step.Mode;
        if (step.Mode == SyncMode.Reconcile)
        {
            if (await CompareAsync(context, destination) is not { } heal)
            {
                return;
            }

            // Members who should not be there are removed as a mirror run removes them.
            decidedAs = heal == HealingWord.All ? SyncMode.Mirror : SyncMode.Reconcile;
        }

        if (await planner.PlanAsync(destination, step, decidedAs, context.CancellationToken) is not { } totals)
        {
            LogOtherPlanner(step.RunId, step.Destination);
            return;
        }

        LogPlanned(step.RunId, step.Destination, totals.Planned, totals.ToAdd, totals.ToUpdate, totals.ToRemove);
        await context.Publish(new AudienceSyncPlanned
        {
            RunId = step.RunId,
            Planned = totals.Planned,
            ToAdd = totals.ToAdd,
            ToRemove = totals.ToRemove,
            ToUpdate = totals.ToUpdate,
            CurrentMembers = totals.CurrentMembers,
            UnreadRows = totals.UnreadRows,
            At = time.GetUtcNow(),
        }, context.CancellationToken);
    }

    /// <summary>False when the plan cannot be made now: the vendor is in trouble, or another instance reads it already.</summary>
    private async Task<bool> AdoptStrangersAsync(ConsumeContext<PlanAudienceSync> context, Destination destination)
    {
        var step = context.Message;
        long? strangers = null;
        var wasAsked = await postponement.TryAsync(
            context,
            new VendorStep(step.RunId, nameof(PlanAudienceSync), step.Destination, step.Audience),
            async () => (strangers = await readBack.AdoptStrangersAsync(destination, step, context.CancellationToken)) is not null);
        if (strangers is { } adopted)
        {
            LogStrangers(step.RunId, step.Destination, adopted);
        }
        else if (wasAsked)
        {
            LogOtherPlanner(step.RunId, step.Destination);
        }

        return strangers is not null;
    }

    /// <summary>What is done about what was found, or null when not everything is compared yet.</summary>
    private async Task<string?> CompareAsync(ConsumeContext<PlanAudienceSync> context, Destination destination)
    {
        var step = context.Message;
        var vendorStep = new VendorStep(step.RunId, nameof(PlanAudienceSync), step.Destination, step.Audience);
        ReconcilePass? pass = null;
        var wasAsked = await postponement.TryAsync(context, vendorStep, async () => (pass = await reconciler.CompareAsync(destination, step, context.CancellationToken)) is not null);
        if (pass is { IsDone: false })
        {
            await postponement.PostponeAsync(context, vendorStep, pass.GoesOnAt);
        }
        else if (pass is null && wasAsked)
        {
            LogOtherPlanner(step.RunId, step.Destination);
        }

        return pass is { IsDone: true } ? pass.Heal : null;
    }

    private Task FailAsync(ConsumeContext<PlanAudienceSync> context, string code, string detail) => context.Publish(new AudienceSyncStepFailed
    {
        RunId = context.Message.RunId,
        Step = nameof(PlanAudienceSync),
        Code = code,
        Detail = detail,
        At = time.GetUtcNow(),
    }, context.CancellationToken);

    [LoggerMessage(1211, LogLevel.Information, "Run {RunId}: planned {Planned} records for {Destination}, {ToAdd} to add, {ToUpdate} to update, {ToRemove} to remove")]
    private partial void LogPlanned(Guid runId, string destination, long planned, long toAdd, long toUpdate, long toRemove);

    [LoggerMessage(1212, LogLevel.Information, "Run {RunId}: another instance plans for {Destination} already")]
    private partial void LogOtherPlanner(Guid runId, string destination);

    [LoggerMessage(1213, LogLevel.Information, "Run {RunId}: {Strangers} members at {Destination} were added by somebody else")]
    private partial void LogStrangers(Guid runId, string destination, long strangers);
}
