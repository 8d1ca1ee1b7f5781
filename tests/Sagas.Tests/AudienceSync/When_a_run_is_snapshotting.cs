using IntegrationHub.Contracts.Audiences;

namespace Sagas.Tests.AudienceSync;

internal sealed class When_a_run_is_snapshotting : RunFixture
{
    [Test]
    [Edge("Snapshotting", "SnapshotApplied", "Planning")]
    public async Task Should_plan_when_the_snapshot_stands()
    {
        await Run.SendAsync(Run.Applied());

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("Planning"));
            Assert.That(Run.Said<PlanAudienceSync>(), Has.Count.EqualTo(1));
        });
    }

    protected override Task ArrangeAsync() => Run.GoToAsync("Snapshotting");
}
