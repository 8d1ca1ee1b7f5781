using IntegrationHub.Contracts.Audiences;

namespace Sagas.Tests.AudienceSync;

internal sealed class When_a_step_can_never_succeed : RunFixture
{
    [TestCase("Snapshotting", nameof(ApplySnapshot))]
    [TestCase("Planning", nameof(PlanAudienceSync))]
    [TestCase("Delivering", nameof(DeliverAudienceSync))]
    [TestCase("Verifying", nameof(VerifyAudienceSync))]
    [TestCase("Paused", nameof(DeliverAudienceSync))]
    [Edge("*", "AudienceSyncStepFailed", "Canceling")]
    [Edge("Canceling", "DeliveriesCanceled", "Failed")]
    public async Task Should_settle_what_is_pending_and_fail(string state, string step)
    {
        await Run.GoToAsync(state);
        await Run.SendAsync(Run.StepFailed(step));
        var failedEarly = Run.Said<AudienceSyncFailed>().Count;
        await Run.SendAsync(Run.NothingPending());

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("Failed"));
            Assert.That(failedEarly, Is.Zero, "the ledger balances before the run is over");
            Assert.That(Run.Said<CancelDeliveries>(), Has.Count.EqualTo(1));
            Assert.That(Run.Row.FailureCode, Is.EqualTo("unknown_audience"));
            Assert.That(Run.Said<AudienceSyncFailed>(), Has.Count.EqualTo(1));
            Assert.That(Run.Said<AudienceSyncCanceled>(), Is.Empty);
        });
    }

    [TestCase("Snapshotting")]
    [TestCase("Planning")]
    [TestCase("Delivering")]
    [TestCase("Verifying")]
    [TestCase("Paused")]
    [Edge("*", "AudienceSyncStepFailed", "*")]
    public async Task Should_not_care_about_a_step_that_is_not_pending(string state)
    {
        await Run.GoToAsync(state);
        await Run.SendAsync(Run.StepFailed(nameof(CancelDeliveries)));

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo(state));
            Assert.That(Run.Row.FailureCode, Is.Null);
        });
    }
}
