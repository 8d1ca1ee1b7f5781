using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Sagas.AudienceSync.Messages;

namespace Sagas.Tests.AudienceSync;

internal sealed class When_a_run_is_planning : RunFixture
{
    [Test]
    [Edge("Planning", "AudienceSyncPlanned", "Delivering")]
    public async Task Should_deliver_an_ordinary_plan()
    {
        Run.Clock.Advance(TimeSpan.FromSeconds(3));
        await Run.SendAsync(Run.Planned(add: 100, remove: 50, current: 1_000));

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("Delivering"));
            Assert.That(Run.Said<DeliverAudienceSync>(), Has.Count.EqualTo(1));
            Assert.That(Run.Row.PlannedAt, Is.EqualTo(Story.Noon.AddSeconds(3)));
            Assert.That((Run.Row.Planned, Run.Row.ToAdd, Run.Row.ToRemove, Run.Row.ToUpdate, Run.Row.CurrentMembers), Is.EqualTo((1_100, 100, 50, 20, 1_000)));
        });
    }

    [Test]
    [Edge("Planning", "AudienceSyncPlanned", "AwaitingApproval")]
    public async Task Should_hold_a_plan_that_removes_everybody()
    {
        await Run.SendAsync(Run.Planned(add: 0, remove: 1_000, current: 1_000));

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("AwaitingApproval"));
            Assert.That(Run.Said<DeliverAudienceSync>(), Is.Empty);
            Assert.That(Run.Said<AudienceSyncAwaitingApproval>().Single(), Is.EqualTo(new AudienceSyncAwaitingApproval
            {
                RunId = Run.Id, Audience = "vip", Destination = "braze", Reason = "mass_removal",
                ToRemove = 1_000, ToAdd = 0, CurrentMembers = 1_000, At = Story.Noon,
            }));
        });
    }

    [Test]
    [Edge("Planning", "AudienceSyncStepPostponed", "Planning")]
    [Edge("Planning", "VerificationDelayElapsed", "Planning")]
    public async Task Should_ask_for_the_plan_again_when_the_destinations_trouble_may_be_over()
    {
        await Run.SendAsync(Run.Postponed(TimeSpan.FromSeconds(20), nameof(PlanAudienceSync)));
        var due = Run.Timeouts.Single<VerificationDelayElapsed>().Due;
        await Run.ElapseAsync<VerificationDelayElapsed>();

        Assert.Multiple(() =>
        {
            Assert.That(due, Is.EqualTo(Story.Noon.AddSeconds(20).UtcDateTime), "not only at the progress timeout");
            Assert.That(Run.Said<PlanAudienceSync>(), Has.Count.EqualTo(2));
        });
    }

    [Test]
    public async Task Should_forget_the_wait_when_the_plan_comes_before_it_ends()
    {
        await Run.SendAsync(Run.Postponed(TimeSpan.FromHours(5), nameof(PlanAudienceSync)));
        await Run.SendAsync(Run.Remind());
        await Run.SendAsync(Run.Planned(add: 100, remove: 50, current: 1_000));

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("Delivering"));
            Assert.That(Run.Said<PlanAudienceSync>(), Has.Count.EqualTo(2));
            Assert.That(Run.Timeouts.Pending.Select(timeout => timeout.Message), Has.None.InstanceOf<VerificationDelayElapsed>());
        });
    }

    protected override Task ArrangeAsync() => Run.GoToAsync("Planning");
}
