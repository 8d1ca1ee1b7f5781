using IntegrationHub.Contracts.Audiences;

namespace Sagas.Tests.AudienceSync;

internal sealed class When_a_run_is_awaiting_approval : RunFixture
{
    [Test]
    [Edge("AwaitingApproval", "ApproveAudienceSync", "Delivering")]
    public async Task Should_deliver_once_a_person_approves()
    {
        Run.Clock.Advance(TimeSpan.FromHours(9));
        await Run.SendAsync(Run.Approve());

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("Delivering"));
            Assert.That(Run.Said<DeliverAudienceSync>(), Has.Count.EqualTo(1));
            Assert.That(Run.Row.ApprovedBy, Is.EqualTo("ada"));
            Assert.That((Run.Row.ApprovedAt, Run.Row.HeldUntil), Is.EqualTo(((DateTimeOffset?)Story.Noon.AddHours(9), (DateTimeOffset?)Story.Noon.AddHours(9))));
            Assert.That(Run.Row.WaitingFor, Is.Null);
        });
    }

    [Test]
    public void Should_say_what_it_waits_for_and_how_to_approve() =>
        Assert.That(Run.Row.WaitingFor, Does.Contain("remove 500").And.Contain("1000 members").And.Contain("0.3")
            .And.Contain($"sync approve {Run.Id}").And.Contain($"sync cancel {Run.Id}"));

    [Test]
    public void Should_not_watch_for_progress() => Assert.That(Run.Timeouts.Pending, Is.Empty);

    protected override Task ArrangeAsync() => Run.GoToAsync("AwaitingApproval");
}
