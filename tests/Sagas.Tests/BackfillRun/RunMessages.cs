using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Sagas.BackfillRun;

namespace Sagas.Tests.BackfillRun;

/// <summary>Messages to a run, with the values of an ordinary one: 1,000 people, 900 to write.</summary>
internal static class RunMessages
{
    public const string Destination = "braze";
    public const string PlanHash = "5d0c6b1f0a7e4b12";

    public static readonly Guid Before = new("0197f1b2-7a3c-7d55-9a10-3f2f8c1d4e5a");
    public static readonly Guid Rollback = new("0197f1b2-7a3c-7d55-9a10-3f2f8c1d4e5b");

    public static StartBackfill Start(this SagaStory<BackfillRunState> story, string kind = BackfillKind.Attributes, Guid? rollsBack = null) => new()
    {
        RunId = story.Id, Kind = kind, Destination = Destination, Audience = "vip", RollsBack = rollsBack, By = "cli", At = story.Clock.GetUtcNow(),
    };

    public static ApproveBackfill Approve(this SagaStory<BackfillRunState> story, string hash = PlanHash) => new() { RunId = story.Id, PlanHash = hash, By = "ada", At = story.Clock.GetUtcNow() };

    public static PauseBackfill Pause(this SagaStory<BackfillRunState> story) => new() { RunId = story.Id, By = "ada", At = story.Clock.GetUtcNow() };

    public static ResumeBackfill Resume(this SagaStory<BackfillRunState> story) => new() { RunId = story.Id, By = "ada", At = story.Clock.GetUtcNow() };

    public static CancelBackfill Cancel(this SagaStory<BackfillRunState> story) => new() { RunId = story.Id, By = "ada", At = story.Clock.GetUtcNow() };

    public static BackfillPlanned Planned(this SagaStory<BackfillRunState> story) => new() { RunId = story.Id, Planned = 1_000, ToWrite = 900, PlanHash = PlanHash, At = story.Clock.GetUtcNow() };

    public static BackfillProgressed Progressed(this SagaStory<BackfillRunState> story) => new() { RunId = story.Id, Settled = 50, At = story.Clock.GetUtcNow() };

    public static BackfillDelivered Delivered(this SagaStory<BackfillRunState> story) => new() { RunId = story.Id, At = story.Clock.GetUtcNow() };

    public static BackfillVerified Verified(this SagaStory<BackfillRunState> story, int round = 1, long missing = 0, long withIssues = 0, bool last = false) => new()
    {
        RunId = story.Id, Round = round, Expected = 900, Found = 900 - missing, Missing = missing, WithIssues = withIssues, IsLastRound = last, At = story.Clock.GetUtcNow(),
    };

    public static BackfillStepPostponed Postponed(this SagaStory<BackfillRunState> story, TimeSpan by) =>
        new() { RunId = story.Id, Step = nameof(VerifyBackfill), Until = story.Clock.GetUtcNow() + by, At = story.Clock.GetUtcNow() };

    public static RemindBackfill Remind(this SagaStory<BackfillRunState> story) => new() { RunId = story.Id, At = story.Clock.GetUtcNow() };

    public static DeliveriesCanceled NothingPending(this SagaStory<BackfillRunState> story) => new() { RunId = story.Id, Canceled = 30, At = story.Clock.GetUtcNow() };

    public static BackfillStepFailed StepFailed(this SagaStory<BackfillRunState> story, string step) => new()
    {
        RunId = story.Id, Step = step, Code = "destination_unknown", Detail = "The destination is not configured; add it and plan again.", At = story.Clock.GetUtcNow(),
    };

    public static BackfillDiagnosed Diagnosed(this SagaStory<BackfillRunState> story) => new()
    {
        RunId = story.Id, Code = "quota", Detail = "The vendor's daily quota is used up; it goes on at midnight.", At = story.Clock.GetUtcNow(),
    };

    public static BackfillRollbackBegan RollbackBegan(this SagaStory<BackfillRunState> story) => new() { RunId = story.Id, RollbackId = Rollback, At = story.Clock.GetUtcNow() };

    public static BackfillRollbackEnded RollbackEnded(this SagaStory<BackfillRunState> story, bool isDone = true) =>
        new() { RunId = story.Id, RollbackId = Rollback, IsDone = isDone, At = story.Clock.GetUtcNow() };
}
