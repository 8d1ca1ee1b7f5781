using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Sagas.Runs;
using MassTransit;

namespace IntegrationHub.Sagas.BackfillRun;

/// <summary>The verbs of this machine alone. They change the row, nothing else.</summary>
internal static class BackfillRunBehaviors
{
    /// <summary>A run whose request cannot be kept gets a failure code instead of a start.</summary>
    public static EventActivityBinder<BackfillRunState, StartBackfill> RecordRequest(
        this EventActivityBinder<BackfillRunState, StartBackfill> binder) => binder.Then(context =>
    {
        var (run, start) = (context.Saga, context.Message);
        (run.Kind, run.Destination, run.Audience, run.RollsBack) = (start.Kind, start.Destination, start.Audience, start.RollsBack);
        (run.RequestedBy, run.RequestedAt) = (start.By, start.At.ToUniversalTime());
        (run.FailureCode, run.FailureDetail) = start switch
        {
            { Kind: BackfillKind.Attributes or BackfillKind.Redeliver or BackfillKind.Rebuild, RollsBack: null } or { Kind: BackfillKind.Rollback, RollsBack: not null } => ((string?)null, (string?)null),
            { Kind: BackfillKind.Attributes or BackfillKind.Redeliver or BackfillKind.Rebuild or BackfillKind.Rollback } => ("rollback_of_nothing", "A rollback names the run that it takes back, and no other backfill does; start it with 'backfill rollback RUN'."),
            _ => ("unknown_kind", "The kind is unknown; ask for attributes, redeliver, rebuild or rollback."),
        };
    });

    public static EventActivityBinder<BackfillRunState, BackfillPlanned> RecordPlan(
        this EventActivityBinder<BackfillRunState, BackfillPlanned> binder) => binder.Then(context =>
    {
        var (run, plan) = (context.Saga, context.Message);
        run.PlannedAt = plan.At.ToUniversalTime();
        (run.Planned, run.ToWrite, run.PlanHash) = (plan.Planned, plan.ToWrite, plan.PlanHash);
    });

    public static EventActivityBinder<BackfillRunState> ExplainApproval(this EventActivityBinder<BackfillRunState> binder) =>
        binder.Then(context => context.Saga.WaitingFor = context.Saga.ExplainApproval());

    public static EventActivityBinder<BackfillRunState, BackfillVerified> RecordReadBack(this EventActivityBinder<BackfillRunState, BackfillVerified> binder) =>
        binder.Then(context => context.Saga.SawAtVendor(context.Message.At, context.Message.Expected, context.Message.Found, context.Message.Missing));

    public static EventActivityBinder<BackfillRunState, BackfillRollbackBegan> RecordRollback(
        this EventActivityBinder<BackfillRunState, BackfillRollbackBegan> binder) => binder.Then(context =>
    {
        var run = context.Saga;
        run.Moved(context.Message.At);
        (run.RollbackId, run.WaitingFor) = (context.Message.RollbackId, $"Run {context.Message.RollbackId} takes back what this one wrote; see 'backfill show {context.Message.RollbackId}'.");
    });

    /// <summary>The run that is taken back learns it; of any other nobody waits to hear.</summary>
    public static EventActivityBinder<BackfillRunState> SayRollbackBegan(this EventActivityBinder<BackfillRunState> binder) =>
        binder.If(context => context.Saga.RollsBack is not null, rollback => rollback.Publish(context => context.Saga.RollbackBegan()));

    /// <inheritdoc cref="SayRollbackBegan" />
    public static EventActivityBinder<BackfillRunState> SayRollbackEnded(this EventActivityBinder<BackfillRunState> binder, bool isDone) =>
        binder.If(context => context.Saga is { RollsBack: not null, DeliveringAt: not null }, rollback => rollback.Publish(context => context.Saga.RollbackEnded(isDone)));
}
