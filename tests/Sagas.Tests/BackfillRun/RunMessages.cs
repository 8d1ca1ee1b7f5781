using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;

namespace Sagas.Tests.BackfillRun;

/// <summary>Messages to a run, with the values of an ordinary one: 1,000 people, 900 to write.</summary>
internal static class RunMessages
{
    public const string Destination = "braze";
    public const string PlanHash = "5d0c6b1f0a7e4b12";

    public static readonly Guid Before = new("0197f1b2-7a3c-7d55-9a10-3f2f8c1d4e5a");
    public static readonly Guid Rollback = new("0197f1b2-7a3c-7d55-9a10-3f2f8c1d4e5b");

    public static StartBackfill Start(this RunStory story, string kind = BackfillKind.Attributes, Guid? rollsBack = null) => new()
    {
        RunId = story.RunId, Kind = kind, Destination = Destination, Audience = "vip", RollsBack = rollsBack, By = "cli", At = story.Clock.GetUtcNow(),
    };

    public static ApproveBackfill Approve(this RunStory story, string hash = PlanHash) => new() { RunId = story.RunId, PlanHash = hash, By = "ada", At = story.Clock.GetUtcNow() };

    public static PauseBackfill Pause(this RunStory story) => new() { RunId = story.RunId, By = "ada", At = story.Clock.GetUtcNow() };

    public static ResumeBackfill Resume(this RunStory story) => new() { RunId = story.RunId, By = "ada", At = story.Clock.GetUtcNow() };

    public static CancelBackfill Cancel(this RunStory story) => new() { RunId = story.RunId, By = "ada", At = story.Clock.GetUtcNow() };

    public static BackfillPlanned Planned(this RunStory story) => new() { RunId = story.RunId, Planned = 1_000, ToWrite = 900, PlanHash = PlanHash, At = story.Clock.GetUtcNow() };

    public static BackfillProgressed Progressed(this RunStory story) => new() { RunId = story.RunId, Settled = 50, At = story.Clock.GetUtcNow() };

    public static BackfillDelivered Delivered(this RunStory story) => new() { RunId = story.RunId, At = story.Clock.GetUtcNow() };

    public static BackfillVerified Verified(this RunStory story, int round = 1, long missing = 0, long withIssues = 0, bool last = false) => new()
    {
        RunId = story.RunId, Round = round, Expected = 900, Found = 900 - missing, Missing = missing, WithIssues = withIssues, IsLastRound = last, At = story.Clock.GetUtcNow(),
    };

    public static BackfillStepPostponed Postponed(this RunStory story, TimeSpan by) =>
        new() { RunId = story.RunId, Step = nameof(VerifyBackfill), Until = story.Clock.GetUtcNow() + by, At = story.Clock.GetUtcNow() };

    public static RemindBackfill Remind(this RunStory story) => new() { RunId = story.RunId, At = story.Clock.GetUtcNow() };

    public static DeliveriesCanceled NothingPending(this RunStory story) => new() { RunId = story.RunId, Canceled = 30, At = story.Clock.GetUtcNow() };

    public static BackfillStepFailed StepFailed(this RunStory story, string step) => new()
    {
        RunId = story.RunId, Step = step, Code = "destination_unknown", Detail = "The destination is not configured; add it and plan again.", At = story.Clock.GetUtcNow(),
    };

    public static BackfillDiagnosed Diagnosed(this RunStory story) => new()
    {
        RunId = story.RunId, Code = "quota", Detail = "The vendor's daily quota is used up; it goes on at midnight.", At = story.Clock.GetUtcNow(),
    };

    public static BackfillRollbackBegan RollbackBegan(this RunStory story) => new() { RunId = story.RunId, RollbackId = Rollback, At = story.Clock.GetUtcNow() };

    public static BackfillRollbackEnded RollbackEnded(this RunStory story, bool isDone = true) =>
        new() { RunId = story.RunId, RollbackId = Rollback, IsDone = isDone, At = story.Clock.GetUtcNow() };
}
