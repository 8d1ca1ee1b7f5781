using IntegrationHub.Contracts.Audiences;

namespace Sagas.Tests.AudienceSync;

internal sealed class When_a_run_is_canceling : RunFixture
{
    [Test]
    [Edge("Canceling", "DeliveriesCanceled", "Canceled")]
    public async Task Should_be_canceled_once_nothing_is_pending()
    {
        Run.Clock.Advance(TimeSpan.FromSeconds(5));
        await Run.SendAsync(Run.NothingPending());

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("Canceled"));
            Assert.That(Run.Said<AudienceSyncCanceled>().Single(), Is.EqualTo(new AudienceSyncCanceled
            {
                RunId = Run.Id, Audience = "vip", Destination = "braze", By = "ada", At = Story.Noon.AddSeconds(5),
            }));
        });
    }

    [Test]
    [Edge("Canceling", "AudienceSyncPlanned", "Canceling")]
    public async Task Should_settle_again_when_a_plan_was_finished_meanwhile()
    {
        await Run.SendAsync(Run.Planned());

        Assert.That(Run.Said<CancelDeliveries>(), Has.Count.EqualTo(2));
    }

    [Test]
    [Edge("Canceling", "AudienceSyncStepFailed", "Failed")]
    public async Task Should_fail_when_pending_deliveries_cannot_be_settled()
    {
        await Run.SendAsync(Run.StepFailed(nameof(CancelDeliveries)));

        Assert.That(Run.State, Is.EqualTo("Failed"));
    }

    [Test]
    [Edge("Canceling", "AudienceSyncStepFailed", "Canceling")]
    public async Task Should_not_care_that_an_earlier_step_failed()
    {
        await Run.SendAsync(Run.StepFailed(nameof(DeliverAudienceSync)));

        Assert.That(Run.Row.FailureCode, Is.Null);
    }

    [Test]
    [Edge("Canceling", "AudienceSyncProgressed", "Canceling")]
    public async Task Should_note_that_batches_under_way_are_finished()
    {
        Run.Clock.Advance(TimeSpan.FromSeconds(1));
        await Run.SendAsync(Run.Progressed());

        Assert.That(Run.Row.LastProgressAt, Is.EqualTo(Story.Noon.AddSeconds(1)));
    }

    protected override Task ArrangeAsync() => Run.GoToAsync("Canceling");
}
