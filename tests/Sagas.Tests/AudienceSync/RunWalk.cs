using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Sagas.AudienceSync;
using IntegrationHub.Sagas.AudienceSync.Messages;
using MassTransit;

namespace Sagas.Tests.AudienceSync;

/// <summary>Brings a run into a state by the messages that bring it there in production.</summary>
internal static class RunWalk
{
    public static async Task GoToAsync(this SagaStory<AudienceSyncState> story, string state)
    {
        switch (state)
        {
            case "Snapshotting":
                await story.SendAsync(story.Start(snapshot: NewId.NextGuid()));
                break;
            case "Planning":
                await story.SendAsync(story.Start());
                break;
            case "AwaitingApproval":
                await story.GoToAsync("Planning");
                await story.SendAsync(story.Planned(remove: 500));
                break;
            case "Delivering":
                await story.GoToAsync("Planning");
                await story.SendAsync(story.Planned());
                break;
            case "Verifying":
                await story.GoToAsync("Delivering");
                await story.SendAsync(story.Delivered());
                break;
            case "Paused":
                await story.PauseInAsync("Delivering");
                break;
            case "Canceling":
                await story.GoToAsync("Delivering");
                await story.SendAsync(story.Cancel());
                break;
            case "Completed":
                await story.GoToAsync("Verifying");
                await story.SendAsync(story.Verified());
                break;
            case "CompletedWithIssues":
                await story.GoToAsync("Verifying");
                await story.SendAsync(story.Verified(withIssues: 3));
                break;
            case "Failed":
                await story.GoToAsync("Delivering");
                await story.SendAsync(story.StepFailed(nameof(DeliverAudienceSync)));
                await story.SendAsync(story.NothingPending());
                break;
            case "Canceled":
                await story.GoToAsync("Canceling");
                await story.SendAsync(story.NothingPending());
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(state), state, "No way is known to this state.");
        }

        Assert.That(story.State, Is.EqualTo(state), "the walk ended elsewhere");
    }

    public static async Task PauseInAsync(this SagaStory<AudienceSyncState> story, string state)
    {
        await story.GoToAsync(state);
        await story.SendAsync(story.Pause());
        Assert.That(story.State, Is.EqualTo("Paused"));
    }

    /// <summary>Lets the time of the progress timeout pass without progress.</summary>
    public static Task StandStillAsync(this SagaStory<AudienceSyncState> story) => story.ElapseAsync<ProgressTimeoutElapsed>();

    /// <summary>Sends a message of the named type as it would come late or twice.</summary>
    public static Task SendByNameAsync(this SagaStory<AudienceSyncState> story, string message) => message switch
    {
        nameof(StartAudienceSync) => story.SendAsync(story.Start()),
        nameof(ApproveAudienceSync) => story.SendAsync(story.Approve()),
        nameof(PauseAudienceSync) => story.SendAsync(story.Pause()),
        nameof(ResumeAudienceSync) => story.SendAsync(story.Resume()),
        nameof(CancelAudienceSync) => story.SendAsync(story.Cancel()),
        nameof(SnapshotApplied) => story.SendAsync(story.Applied()),
        nameof(AudienceSyncPlanned) => story.SendAsync(story.Planned()),
        nameof(AudienceSyncProgressed) => story.SendAsync(story.Progressed()),
        nameof(AudienceSyncDelivered) => story.SendAsync(story.Delivered()),
        nameof(AudienceSyncVerified) => story.SendAsync(story.Verified()),
        nameof(DeliveriesCanceled) => story.SendAsync(story.NothingPending()),
        nameof(AudienceSyncStepFailed) => story.SendAsync(story.StepFailed(nameof(DeliverAudienceSync))),
        nameof(AudienceSyncDiagnosed) => story.SendAsync(story.Diagnosed()),
        nameof(AudienceSyncStepPostponed) => story.SendAsync(story.Postponed(TimeSpan.FromMinutes(1))),
        nameof(RemindAudienceSync) => story.SendAsync(story.Remind()),
        // Without the token of a scheduler: the machine's own answer is seen, not the framework's check.
        nameof(ProgressTimeoutElapsed) => story.SendAsync(new ProgressTimeoutElapsed { RunId = story.Id }),
        nameof(VerificationDelayElapsed) => story.SendAsync(new VerificationDelayElapsed { RunId = story.Id }),
        _ => throw new ArgumentOutOfRangeException(nameof(message), message, "No sample is known of this message."),
    };
}
