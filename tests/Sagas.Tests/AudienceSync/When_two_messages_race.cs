using IntegrationHub.Contracts.Audiences;

namespace Sagas.Tests.AudienceSync;

internal sealed class When_two_messages_race : RunFixture
{
    [TestCase(true, "Canceling")]
    [TestCase(false, "Canceling")]
    public async Task Should_cancel_whether_the_plan_or_the_cancellation_is_first(bool planFirst, string state)
    {
        await Run.GoToAsync("Planning");
        await InOrderAsync(planFirst, () => Run.SendAsync(Run.Planned()), () => Run.SendAsync(Run.Cancel()));

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo(state));
            Assert.That(Run.Row.Planned, Is.EqualTo(1_100));
            Assert.That(Run.Said<CancelDeliveries>(), Has.Count.EqualTo(planFirst ? 1 : 2), "rows that came after the first are settled too");
        });
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_verify_whether_the_end_of_deliveries_or_the_pause_is_first(bool deliveredFirst)
    {
        await Run.GoToAsync("Delivering");
        await InOrderAsync(deliveredFirst, () => Run.SendAsync(Run.Delivered()), () => Run.SendAsync(Run.Pause()));
        await Run.SendAsync(Run.Resume());

        Assert.That(Run.State, Is.EqualTo("Verifying"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_deliver_whether_the_plan_or_the_pause_is_first(bool planFirst)
    {
        await Run.GoToAsync("Planning");
        await InOrderAsync(planFirst, () => Run.SendAsync(Run.Planned()), () => Run.SendAsync(Run.Pause()));
        await Run.SendAsync(Run.Resume());

        Assert.That(Run.State, Is.EqualTo("Delivering"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_plan_whether_the_snapshot_or_the_pause_is_first(bool appliedFirst)
    {
        await Run.GoToAsync("Snapshotting");
        await InOrderAsync(appliedFirst, () => Run.SendAsync(Run.Applied()), () => Run.SendAsync(Run.Pause()));
        await Run.SendAsync(Run.Resume());

        Assert.That(Run.State, Is.EqualTo("Planning"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_verify_whether_the_last_progress_or_the_end_is_first(bool progressFirst)
    {
        await Run.GoToAsync("Delivering");
        await InOrderAsync(progressFirst, () => Run.SendAsync(Run.Progressed()), () => Run.SendAsync(Run.Delivered()));

        Assert.That(Run.State, Is.EqualTo("Verifying"));
    }

    [TestCase(true, "Canceling")]
    [TestCase(false, "Canceling")]
    public async Task Should_cancel_whether_the_approval_or_the_cancellation_is_first(bool approvalFirst, string state)
    {
        await Run.GoToAsync("AwaitingApproval");
        await InOrderAsync(approvalFirst, () => Run.SendAsync(Run.Approve()), () => Run.SendAsync(Run.Cancel()));

        Assert.That(Run.State, Is.EqualTo(state));
    }

    [TestCase(true, "Completed")]
    [TestCase(false, "Canceling")]
    public async Task Should_let_the_first_win_between_the_read_back_and_the_cancellation(bool readBackFirst, string state)
    {
        await Run.GoToAsync("Verifying");
        await InOrderAsync(readBackFirst, () => Run.SendAsync(Run.Verified()), () => Run.SendAsync(Run.Cancel()));

        Assert.That(Run.State, Is.EqualTo(state));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_not_be_stalled_whether_the_diagnosis_or_progress_is_first(bool diagnosisFirst)
    {
        await Run.GoToAsync("Delivering");
        await Run.StandStillAsync();
        await InOrderAsync(diagnosisFirst, () => Run.SendAsync(Run.Diagnosed()), () => Run.SendAsync(Run.Progressed()));

        Assert.Multiple(() =>
        {
            Assert.That(Run.Row.StalledSince, Is.Null);
            Assert.That(Run.Said<AudienceSyncStalled>(), Has.Count.EqualTo(diagnosisFirst ? 1 : 0));
        });
    }

    private static async Task InOrderAsync(bool firstIsFirst, Func<Task> first, Func<Task> second)
    {
        await (firstIsFirst ? first : second)();
        await (firstIsFirst ? second : first)();
    }
}
