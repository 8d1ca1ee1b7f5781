using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Sagas.Runs;

namespace IntegrationHub.Sagas.AudienceSync;

/// <summary>What a run says, built from its row: commands to the hub, and the facts of its life.</summary>
internal static class AudienceSyncOutgoing
{
    public static ApplySnapshot Snapshot(this AudienceSyncState run) => new()
    {
        RunId = run.CorrelationId,
        Audience = run.Audience,
        Destination = run.Destination,
        SnapshotId = run.SnapshotId!.Value,
    };

    public static PlanAudienceSync Plan(this AudienceSyncState run) => new()
    {
        RunId = run.CorrelationId,
        Audience = run.Audience,
        Destination = run.Destination,
        Mode = run.Mode,
    };

    public static DeliverAudienceSync Deliver(this AudienceSyncState run) => new() { RunId = run.CorrelationId, Destination = run.Destination };

    public static VerifyAudienceSync Verify(this AudienceSyncState run, TimeProvider clock, RunOptions patience) => new()
    {
        RunId = run.CorrelationId,
        Audience = run.Audience,
        Destination = run.Destination,
        Mode = run.Mode,
        Round = run.VerificationRound!.Value,
        IsLastRound = clock.GetUtcNow() >= run.EndOfPatience(patience),
    };

    public static DiagnoseAudienceSync Diagnose(this AudienceSyncState run) => new()
    {
        RunId = run.CorrelationId,
        Audience = run.Audience,
        Destination = run.Destination,
        State = run.CurrentState,
    };

    public static AudienceSyncStarted Started(this AudienceSyncState run) => new()
    {
        RunId = run.CorrelationId,
        Audience = run.Audience,
        Destination = run.Destination,
        Mode = run.Mode,
        At = run.RequestedAt,
    };

    public static AudienceSyncAwaitingApproval AwaitingApproval(this AudienceSyncState run) => new()
    {
        RunId = run.CorrelationId,
        Audience = run.Audience,
        Destination = run.Destination,
        Reason = AudienceSyncGuardrail.Reason(run)!,
        ToRemove = run.ToRemove!.Value,
        ToAdd = run.ToAdd!.Value,
        CurrentMembers = run.CurrentMembers!.Value,
        At = run.LastProgressAt,
    };

    public static AudienceSyncStalled Stalled(this AudienceSyncState run, AudienceSyncDiagnosed diagnosis) => new()
    {
        RunId = run.CorrelationId,
        Audience = run.Audience,
        Destination = run.Destination,
        State = run.CurrentState,
        Code = diagnosis.Code,
        Detail = diagnosis.Detail,
        At = diagnosis.At,
    };

    public static AudienceSyncCompleted CompletedClean(this AudienceSyncState run) => Completed(run, withIssues: false);

    public static AudienceSyncCompleted CompletedWithIssues(this AudienceSyncState run) => Completed(run, withIssues: true);

    public static AudienceSyncFailed Failed(this AudienceSyncState run) => new()
    {
        RunId = run.CorrelationId,
        Audience = run.Audience,
        Destination = run.Destination,
        Code = run.FailureCode!,
        Detail = run.FailureDetail!,
        At = run.FinishedAt!.Value,
    };

    public static AudienceSyncCanceled Canceled(this AudienceSyncState run) => new()
    {
        RunId = run.CorrelationId,
        Audience = run.Audience,
        Destination = run.Destination,
        By = run.CanceledBy!,
        At = run.FinishedAt!.Value,
    };

    private static AudienceSyncCompleted Completed(AudienceSyncState run, bool withIssues) => new()
    {
        RunId = run.CorrelationId,
        Audience = run.Audience,
        Destination = run.Destination,
        WithIssues = withIssues,
        Expected = run.Expected!.Value,
        Missing = run.Missing!.Value,
        Unexpected = run.Unexpected!.Value,
        Differing = run.Differing ?? 0,
        At = run.FinishedAt!.Value,
    };
}
