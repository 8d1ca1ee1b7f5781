using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Sagas.BackfillRun;
using IntegrationHub.Sagas.BackfillRun.Messages;

namespace Sagas.Tests.BackfillRun;

/// <summary>Brings a run into a state by the messages that bring it there in production.</summary>
internal static class RunWalk
{
    public static async Task GoToAsync(this SagaStory<BackfillRunState> story, string state)
    {
        switch (state)
        {
            case "Planning":
                await story.SendAsync(story.Start());
                break;
            case "AwaitingApproval":
                await story.GoToAsync("Planning");
                await story.SendAsync(story.Planned());
                break;
            case "Delivering":
                await story.GoToAsync("AwaitingApproval");
                await story.SendAsync(story.Approve());
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
            case "RollingBack":
                await story.GoToAsync("Completed");
                await story.SendAsync(story.RollbackBegan());
                break;
            case "RolledBack":
                await story.GoToAsync("RollingBack");
                await story.SendAsync(story.RollbackEnded());
                break;
            case "Failed":
                await story.GoToAsync("Delivering");
                await story.SendAsync(story.StepFailed(nameof(DeliverBackfill)));
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

    public static async Task PauseInAsync(this SagaStory<BackfillRunState> story, string state)
    {
        await story.GoToAsync(state);
        await story.SendAsync(story.Pause());
        Assert.That(story.State, Is.EqualTo("Paused"));
    }

    /// <summary>Lets the time of the progress timeout pass without progress.</summary>
    public static Task StandStillAsync(this SagaStory<BackfillRunState> story) => story.ElapseAsync<BackfillProgressTimeoutElapsed>();

    /// <summary>Sends a message of the named type as it would come late or twice.</summary>
    public static Task SendByNameAsync(this SagaStory<BackfillRunState> story, string message) => message switch
    {
        nameof(StartBackfill) => story.SendAsync(story.Start()),
        nameof(ApproveBackfill) => story.SendAsync(story.Approve()),
        nameof(PauseBackfill) => story.SendAsync(story.Pause()),
        nameof(ResumeBackfill) => story.SendAsync(story.Resume()),
        nameof(CancelBackfill) => story.SendAsync(story.Cancel()),
        nameof(BackfillPlanned) => story.SendAsync(story.Planned()),
        nameof(BackfillProgressed) => story.SendAsync(story.Progressed()),
        nameof(BackfillDelivered) => story.SendAsync(story.Delivered()),
        nameof(BackfillVerified) => story.SendAsync(story.Verified()),
        nameof(DeliveriesCanceled) => story.SendAsync(story.NothingPending()),
        nameof(BackfillStepFailed) => story.SendAsync(story.StepFailed(nameof(DeliverBackfill))),
        nameof(BackfillDiagnosed) => story.SendAsync(story.Diagnosed()),
        nameof(BackfillStepPostponed) => story.SendAsync(story.Postponed(TimeSpan.FromMinutes(1))),
        nameof(BackfillRollbackBegan) => story.SendAsync(story.RollbackBegan()),
        nameof(BackfillRollbackEnded) => story.SendAsync(story.RollbackEnded()),
        nameof(RemindBackfill) => story.SendAsync(story.Remind()),
        // Without the token of a scheduler: the machine's own answer is seen, not the framework's check.
        nameof(BackfillProgressTimeoutElapsed) => story.SendAsync(new BackfillProgressTimeoutElapsed { RunId = story.Id }),
        nameof(BackfillVerificationDelayElapsed) => story.SendAsync(new BackfillVerificationDelayElapsed { RunId = story.Id }),
        _ => throw new ArgumentOutOfRangeException(nameof(message), message, "No sample is known of this message."),
    };
}
