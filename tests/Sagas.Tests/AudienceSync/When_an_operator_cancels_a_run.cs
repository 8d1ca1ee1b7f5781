using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Sagas.AudienceSync.Messages;

namespace Sagas.Tests.AudienceSync;

internal sealed class When_an_operator_cancels_a_run : RunFixture
{
    [TestCase("Snapshotting")]
    [TestCase("Planning")]
    [TestCase("AwaitingApproval")]
    [TestCase("Delivering")]
    [TestCase("Verifying")]
    [TestCase("Paused")]
    [Edge("*", "CancelAudienceSync", "Canceling")]
    public async Task Should_settle_what_is_pending_in_every_state(string state)
    {
        await Run.GoToAsync(state);
        await Run.SendAsync(Run.Cancel());

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("Canceling"));
            Assert.That(Run.Said<CancelDeliveries>().Single(), Is.EqualTo(new CancelDeliveries { RunId = Run.Id, Destination = "braze" }));
            Assert.That(Run.Said<AudienceSyncCanceled>(), Is.Empty, "not before nothing is pending");
            Assert.That(Run.Row.WaitingFor, Is.Null);
            Assert.That(Run.Row.ResumeState, Is.Null);
            Assert.That(Run.Timeouts.Pending.Select(timeout => timeout.Message), Is.All.InstanceOf<ProgressTimeoutElapsed>().And.Exactly(1).Items);
        });
    }

    [TestCase("Completed")]
    [TestCase("CompletedWithIssues")]
    [TestCase("Failed")]
    [TestCase("Canceled")]
    public async Task Should_not_change_a_run_that_is_over(string state)
    {
        await Run.GoToAsync(state);
        var before = Run.RowAsText;
        await Run.SendAsync(Run.Cancel());

        Assert.That(Run.RowAsText, Is.EqualTo(before));
    }
}
