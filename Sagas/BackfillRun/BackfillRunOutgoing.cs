using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Sagas.Runs;

namespace IntegrationHub.Sagas.BackfillRun;

/// <summary>What a run says, built from its row: commands to the hub, words to the run that it takes back, and the facts of its life.</summary>
internal static class BackfillRunOutgoing
{
    public static PlanBackfill Plan(this BackfillRunState run) => new() { RunId = run.CorrelationId, Kind = run.Kind, Destination = run.Destination };

    public static DeliverBackfill Deliver(this BackfillRunState run) => new() { RunId = run.CorrelationId, Destination = run.Destination };

    public static VerifyBackfill Verify(this BackfillRunState run, TimeProvider clock, RunOptions patience) => new()
    {
        RunId = run.CorrelationId,
        Destination = run.Destination,
        Round = run.VerificationRound!.Value,
        IsLastRound = clock.GetUtcNow() >= run.EndOfPatience(patience),
    };

    public static DiagnoseBackfill Diagnose(this BackfillRunState run) => new() { RunId = run.CorrelationId, Destination = run.Destination, State = run.CurrentState };

    public static BackfillRollbackBegan RollbackBegan(this BackfillRunState run) => new() { RunId = run.RollsBack!.Value, RollbackId = run.CorrelationId, At = run.LastProgressAt };

    public static BackfillRollbackEnded RollbackEnded(this BackfillRunState run, bool isDone) =>
        new() { RunId = run.RollsBack!.Value, RollbackId = run.CorrelationId, IsDone = isDone, At = run.LastProgressAt };

    public static BackfillRunChanged Changed(this BackfillRunState run) => new()
    {
        RunId = run.CorrelationId,
        Kind = run.Kind,
        Destination = run.Destination,
        State = run.CurrentState,
        Code = run.FailureCode ?? run.DiagnosisCode,
        Detail = run.FailureDetail ?? run.DiagnosisDetail,
        At = run.LastProgressAt,
    };
}
