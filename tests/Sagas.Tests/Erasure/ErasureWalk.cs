using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Sagas.Erasure.Messages;
using MassTransit;

namespace Sagas.Tests.Erasure;

/// <summary>Brings an erasure into a state by the messages that bring it there in production.</summary>
internal static class ErasureWalk
{
    public static Task RequestAsync(this SagaStory<ErasureState> story, string law = ErasureLaw.Gdpr, bool needsApproval = false) => story.SendAsync(new RequestErasure
    {
        RequestId = story.Id, Law = law, Reason = "ticket", SubjectHash = "hmac:v:h", By = "person:anna", At = Story.Noon, ApprovalId = needsApproval ? NewId.NextGuid() : null,
    });

    /// <summary>Answers well until the erasure is in a state.</summary>
    public static async Task GoToAsync(this SagaStory<ErasureState> story, string state)
    {
        await story.RequestAsync(needsApproval: state is ErasurePhase.AwaitingApproval or ErasurePhase.Refused);
        while (story.State != state)
        {
            await (story.State switch
            {
                ErasurePhase.AwaitingApproval => story.SendByNameAsync(nameof(RefuseErasure)),
                ErasurePhase.Suppressing => story.SendByNameAsync(nameof(PersonSuppressed)),
                ErasurePhase.ErasingDestinations => story.SendAsync(story.Erased(withIssues: state == ErasurePhase.CompletedWithIssues)),
                ErasurePhase.ErasingOwn => story.SendByNameAsync(nameof(OwnTablesErased)),
                ErasurePhase.Rechecking => story.SendAsync(story.Rechecked(story.Row.Recheck) with { WithIssues = state == ErasurePhase.CompletedWithIssues }),
                _ => throw new InvalidOperationException($"From {story.State} nothing leads to {state}."),
            });
        }
    }

    public static ApproveErasure Approve(this SagaStory<ErasureState> story) => new() { RequestId = story.Id, By = "person:ben", At = story.Clock.GetUtcNow() };

    public static DestinationsErased Erased(this SagaStory<ErasureState> story, bool withIssues = false) =>
        new() { RequestId = story.Id, At = Story.Noon.AddMinutes(2), WithIssues = withIssues };

    public static DestinationsRechecked Rechecked(this SagaStory<ErasureState> story, int round) => new() { RequestId = story.Id, Round = round, At = story.Clock.GetUtcNow() };

    public static ErasureStepPostponed Postponed(this SagaStory<ErasureState> story, string step, DateTimeOffset until) =>
        new() { RequestId = story.Id, Step = step, Until = until, WaitingFor = "the vendor" };

    /// <summary>Sends a message of the named type as it would come late or twice.</summary>
    public static Task SendByNameAsync(this SagaStory<ErasureState> story, string message) => message switch
    {
        nameof(RequestErasure) => story.RequestAsync(ErasureLaw.Ccpa),
        nameof(ApproveErasure) => story.SendAsync(story.Approve()),
        nameof(RefuseErasure) => story.SendAsync(new RefuseErasure { RequestId = story.Id, By = "person:ben", At = Story.Noon }),
        nameof(PersonSuppressed) => story.SendAsync(new PersonSuppressed { RequestId = story.Id, At = Story.Noon.AddMinutes(1) }),
        nameof(DestinationsErased) => story.SendAsync(story.Erased()),
        nameof(OwnTablesErased) => story.SendAsync(new OwnTablesErased { RequestId = story.Id, At = Story.Noon.AddMinutes(3) }),
        nameof(DestinationsRechecked) => story.SendAsync(story.Rechecked(round: 99)),
        nameof(ErasureStepPostponed) => story.SendAsync(story.Postponed("another", Story.Noon.AddDays(9))),
        // Without the token of a scheduler: the machine's own answer is seen, not the framework's check.
        nameof(ErasureLookElapsed) => story.SendAsync(new ErasureLookElapsed { RequestId = story.Id }),
        nameof(ErasureHalfTimeElapsed) => story.SendAsync(new ErasureHalfTimeElapsed { RequestId = story.Id }),
        _ => throw new ArgumentOutOfRangeException(nameof(message), message, "No sample is known of this message."),
    };
}
