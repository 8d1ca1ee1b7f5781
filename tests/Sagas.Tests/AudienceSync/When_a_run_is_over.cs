using IntegrationHub.Contracts.Audiences;

namespace Sagas.Tests.AudienceSync;

internal sealed class When_a_run_is_completed : RunFixture
{
    [Test]
    public void Should_say_so_once_with_the_proof() => Assert.That(Run.Said<AudienceSyncCompleted>().Single(), Is.EqualTo(new AudienceSyncCompleted
    {
        RunId = Run.Id, Audience = "vip", Destination = "braze", WithIssues = false, Expected = 1_050, Missing = 0, Unexpected = 0, At = Story.Noon,
    }));

    [Test]
    public void Should_keep_its_row_and_wait_for_nothing() => Assert.Multiple(() =>
    {
        Assert.That(Run.Row.FinishedAt, Is.EqualTo(Story.Noon));
        Assert.That((Run.Row.Expected, Run.Row.Found), Is.EqualTo((1_050, 1_050)));
        Assert.That(Run.Row.WaitingFor, Is.Null);
        Assert.That(Run.Timeouts.Pending, Is.Empty);
    });

    protected override Task ArrangeAsync() => Run.GoToAsync("Completed");
}

internal sealed class When_a_run_is_completed_with_issues : RunFixture
{
    [Test]
    public void Should_say_so_once() => Assert.That(Run.Said<AudienceSyncCompleted>().Single().WithIssues, Is.True);

    [Test]
    public void Should_wait_for_nothing() => Assert.That(Run.Timeouts.Pending, Is.Empty);

    protected override Task ArrangeAsync() => Run.GoToAsync("CompletedWithIssues");
}

internal sealed class When_a_run_is_failed : RunFixture
{
    [Test]
    public void Should_say_so_once_with_what_to_do() => Assert.That(Run.Said<AudienceSyncFailed>().Single(), Is.EqualTo(new AudienceSyncFailed
    {
        RunId = Run.Id, Audience = "vip", Destination = "braze", Code = "unknown_audience",
        Detail = "The audience is not configured; add it and start again.", At = Story.Noon,
    }));

    [Test]
    public void Should_wait_for_nothing() => Assert.That(Run.Timeouts.Pending, Is.Empty);

    [Test]
    [Edge("Failed", "AudienceSyncPlanned", "Failed")]
    public async Task Should_settle_a_plan_that_was_finished_after_the_end()
    {
        await Run.SendAsync(Run.Planned());

        Assert.That(Run.Said<CancelDeliveries>(), Has.Count.EqualTo(2));
    }

    protected override Task ArrangeAsync() => Run.GoToAsync("Failed");
}

internal sealed class When_a_run_is_canceled : RunFixture
{
    [Test]
    public void Should_wait_for_nothing() => Assert.That(Run.Timeouts.Pending, Is.Empty);

    [Test]
    [Edge("Canceled", "AudienceSyncPlanned", "Canceled")]
    public async Task Should_settle_a_plan_that_was_finished_after_the_end()
    {
        await Run.SendAsync(Run.Planned());

        Assert.Multiple(() =>
        {
            Assert.That(Run.Said<CancelDeliveries>(), Has.Count.EqualTo(2));
            Assert.That(Run.Said<AudienceSyncCanceled>(), Has.Count.EqualTo(1), "said once");
        });
    }

    protected override Task ArrangeAsync() => Run.GoToAsync("Canceled");
}
