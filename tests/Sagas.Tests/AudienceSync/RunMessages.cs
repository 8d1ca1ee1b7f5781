using IntegrationHub.Contracts.Audiences;

namespace Sagas.Tests.AudienceSync;

/// <summary>Messages to a run, with the values of an ordinary one: 1,000 members, 100 to add, 50 to remove.</summary>
internal static class RunMessages
{
    public const string Audience = "vip";
    public const string Destination = "braze";

    public static StartAudienceSync Start(
        this RunStory story, Guid? snapshot = null, string mode = SyncMode.Full, double share = 0.3, double? multiple = null) => new()
    {
        RunId = story.RunId,
        Audience = Audience,
        Destination = Destination,
        Mode = mode,
        SnapshotId = snapshot,
        MaxRemovalShare = share,
        MaxAdditionMultiple = multiple,
        By = "cli",
        At = story.Clock.GetUtcNow(),
    };

    public static ApproveAudienceSync Approve(this RunStory story) => new() { RunId = story.RunId, By = "ada", At = story.Clock.GetUtcNow() };

    public static PauseAudienceSync Pause(this RunStory story) => new() { RunId = story.RunId, By = "ada", At = story.Clock.GetUtcNow() };

    public static ResumeAudienceSync Resume(this RunStory story) => new() { RunId = story.RunId, By = "ada", At = story.Clock.GetUtcNow() };

    public static CancelAudienceSync Cancel(this RunStory story) => new() { RunId = story.RunId, By = "ada", At = story.Clock.GetUtcNow() };

    public static SnapshotApplied Applied(this RunStory story) => new() { RunId = story.RunId, At = story.Clock.GetUtcNow() };

    public static AudienceSyncPlanned Planned(this RunStory story, long add = 100, long remove = 50, long current = 1_000) => new()
    {
        RunId = story.RunId,
        Planned = 1_100,
        ToAdd = add,
        ToRemove = remove,
        ToUpdate = 20,
        CurrentMembers = current,
        At = story.Clock.GetUtcNow(),
    };

    public static AudienceSyncProgressed Progressed(this RunStory story) => new() { RunId = story.RunId, Settled = 50, At = story.Clock.GetUtcNow() };

    public static AudienceSyncDelivered Delivered(this RunStory story) => new() { RunId = story.RunId, At = story.Clock.GetUtcNow() };

    public static AudienceSyncVerified Verified(this RunStory story, int round = 1, long missing = 0, long unexpected = 0, long withIssues = 0, bool last = false) => new()
    {
        RunId = story.RunId,
        Round = round,
        Expected = 1_050,
        Found = 1_050 - missing,
        Missing = missing,
        Unexpected = unexpected,
        WithIssues = withIssues,
        IsLastRound = last,
        At = story.Clock.GetUtcNow(),
    };

    public static AudienceSyncStepPostponed Postponed(this RunStory story, TimeSpan by, string step = nameof(VerifyAudienceSync)) =>
        new() { RunId = story.RunId, Step = step, Until = story.Clock.GetUtcNow() + by, At = story.Clock.GetUtcNow() };

    public static RemindAudienceSync Remind(this RunStory story) => new() { RunId = story.RunId, At = story.Clock.GetUtcNow() };

    public static DeliveriesCanceled NothingPending(this RunStory story) => new() { RunId = story.RunId, Canceled = 30, At = story.Clock.GetUtcNow() };

    public static AudienceSyncStepFailed StepFailed(this RunStory story, string step) => new()
    {
        RunId = story.RunId,
        Step = step,
        Code = "unknown_audience",
        Detail = "The audience is not configured; add it and start again.",
        At = story.Clock.GetUtcNow(),
    };

    public static AudienceSyncDiagnosed Diagnosed(this RunStory story) => new()
    {
        RunId = story.RunId,
        Code = "quota",
        Detail = "The vendor's daily quota is used up; it goes on at midnight.",
        At = story.Clock.GetUtcNow(),
    };
}
