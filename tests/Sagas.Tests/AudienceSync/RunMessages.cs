using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Sagas.AudienceSync;

namespace Sagas.Tests.AudienceSync;

/// <summary>Messages to a run, with the values of an ordinary one: 1,000 members, 100 to add, 50 to remove.</summary>
internal static class RunMessages
{
    public const string Audience = "vip";
    public const string Destination = "braze";

    public static StartAudienceSync Start(
        this SagaStory<AudienceSyncState> story, Guid? snapshot = null, string mode = SyncMode.Full, double share = 0.3, double? multiple = null) => new()
    {
        RunId = story.Id,
        Audience = Audience,
        Destination = Destination,
        Mode = mode,
        SnapshotId = snapshot,
        MaxRemovalShare = share,
        MaxAdditionMultiple = multiple,
        By = "cli",
        At = story.Clock.GetUtcNow(),
    };

    public static ApproveAudienceSync Approve(this SagaStory<AudienceSyncState> story) => new() { RunId = story.Id, By = "ada", At = story.Clock.GetUtcNow() };

    public static PauseAudienceSync Pause(this SagaStory<AudienceSyncState> story) => new() { RunId = story.Id, By = "ada", At = story.Clock.GetUtcNow() };

    public static ResumeAudienceSync Resume(this SagaStory<AudienceSyncState> story) => new() { RunId = story.Id, By = "ada", At = story.Clock.GetUtcNow() };

    public static CancelAudienceSync Cancel(this SagaStory<AudienceSyncState> story) => new() { RunId = story.Id, By = "ada", At = story.Clock.GetUtcNow() };

    public static SnapshotApplied Applied(this SagaStory<AudienceSyncState> story) => new() { RunId = story.Id, At = story.Clock.GetUtcNow() };

    public static AudienceSyncPlanned Planned(this SagaStory<AudienceSyncState> story, long add = 100, long remove = 50, long current = 1_000) => new()
    {
        RunId = story.Id,
        Planned = 1_100,
        ToAdd = add,
        ToRemove = remove,
        ToUpdate = 20,
        CurrentMembers = current,
        At = story.Clock.GetUtcNow(),
    };

    public static AudienceSyncProgressed Progressed(this SagaStory<AudienceSyncState> story) => new() { RunId = story.Id, Settled = 50, At = story.Clock.GetUtcNow() };

    public static AudienceSyncDelivered Delivered(this SagaStory<AudienceSyncState> story) => new() { RunId = story.Id, At = story.Clock.GetUtcNow() };

    public static AudienceSyncVerified Verified(this SagaStory<AudienceSyncState> story, int round = 1, long missing = 0, long unexpected = 0, long withIssues = 0, bool last = false, long differing = 0) => new()
    {
        RunId = story.Id,
        Round = round,
        Expected = 1_050,
        Found = 1_050 - missing,
        Missing = missing,
        Unexpected = unexpected,
        FieldsRead = 200,
        Differing = differing,
        WithIssues = withIssues,
        IsLastRound = last,
        At = story.Clock.GetUtcNow(),
    };

    public static AudienceSyncStepPostponed Postponed(this SagaStory<AudienceSyncState> story, TimeSpan by, string step = nameof(VerifyAudienceSync)) =>
        new() { RunId = story.Id, Step = step, Until = story.Clock.GetUtcNow() + by, At = story.Clock.GetUtcNow() };

    public static RemindAudienceSync Remind(this SagaStory<AudienceSyncState> story) => new() { RunId = story.Id, At = story.Clock.GetUtcNow() };

    public static DeliveriesCanceled NothingPending(this SagaStory<AudienceSyncState> story) => new() { RunId = story.Id, Canceled = 30, At = story.Clock.GetUtcNow() };

    public static AudienceSyncStepFailed StepFailed(this SagaStory<AudienceSyncState> story, string step) => new()
    {
        RunId = story.Id,
        Step = step,
        Code = "unknown_audience",
        Detail = "The audience is not configured; add it and start again.",
        At = story.Clock.GetUtcNow(),
    };

    public static AudienceSyncDiagnosed Diagnosed(this SagaStory<AudienceSyncState> story) => new()
    {
        RunId = story.Id,
        Code = "quota",
        Detail = "The vendor's daily quota is used up; it goes on at midnight.",
        At = story.Clock.GetUtcNow(),
    };
}
