using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Sagas.Runs;
using MassTransit;

namespace IntegrationHub.Sagas.AudienceSync;

/// <summary>The verbs of this machine alone. They change the row, nothing else.</summary>
internal static class AudienceSyncBehaviors
{
    /// <summary>A run whose request cannot be kept gets a failure code instead of a start.</summary>
    public static EventActivityBinder<AudienceSyncState, StartAudienceSync> RecordRequest(
        this EventActivityBinder<AudienceSyncState, StartAudienceSync> binder) => binder.Then(context =>
    {
        var (run, start) = (context.Saga, context.Message);
        (run.Audience, run.Destination, run.Mode, run.SnapshotId) = (start.Audience, start.Destination, start.Mode, start.SnapshotId);
        (run.MaxRemovalShare, run.MaxAdditionMultiple) = (start.MaxRemovalShare, start.MaxAdditionMultiple);
        (run.RequestedBy, run.RequestedAt) = (start.By, start.At.ToUniversalTime());
        (run.FailureCode, run.FailureDetail) = start switch
        {
            { Mode: not (SyncMode.Full or SyncMode.Delta or SyncMode.Mirror or SyncMode.Reconcile) } =>
                ("unknown_mode", "The mode is unknown; ask for full, delta or mirror."),
            { MaxRemovalShare: not (>= 0 and <= 1) } =>
                ("invalid_guardrail", "max_removal_share is out of range; give a share from 0 to 1."),
            { MaxAdditionMultiple: not (null or (>= 0 and <= StartAudienceSync.LargestAdditionMultiple)) } =>
                ("invalid_guardrail", "max_addition_multiple is out of range; give 0 to 1000000, or none."),
            _ => ((string?)null, (string?)null),
        };
    });

    public static EventActivityBinder<AudienceSyncState, AudienceSyncPlanned> RecordPlan(
        this EventActivityBinder<AudienceSyncState, AudienceSyncPlanned> binder) => binder.Then(context =>
    {
        var (run, plan) = (context.Saga, context.Message);
        run.PlannedAt = plan.At.ToUniversalTime();
        (run.Planned, run.ToAdd, run.ToRemove, run.ToUpdate) = (plan.Planned, plan.ToAdd, plan.ToRemove, plan.ToUpdate);
        (run.CurrentMembers, run.UnreadRows) = (plan.CurrentMembers, plan.UnreadRows);
    });

    public static EventActivityBinder<AudienceSyncState> ExplainHold(this EventActivityBinder<AudienceSyncState> binder) =>
        binder.Then(context => context.Saga.WaitingFor = AudienceSyncGuardrail.Explanation(context.Saga));

    public static EventActivityBinder<AudienceSyncState, AudienceSyncVerified> RecordReadBack(
        this EventActivityBinder<AudienceSyncState, AudienceSyncVerified> binder) => binder.Then(context =>
    {
        var (run, seen) = (context.Saga, context.Message);
        run.SawAtVendor(seen.At, seen.Expected, seen.Found, seen.Missing);
        (run.Unexpected, run.FieldsRead, run.Differing) = (seen.Unexpected, seen.FieldsRead, seen.Differing);
    });
}
