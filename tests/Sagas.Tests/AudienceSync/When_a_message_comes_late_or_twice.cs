using IntegrationHub.Contracts.Audiences;

namespace Sagas.Tests.AudienceSync;

internal sealed class When_a_message_comes_late_or_twice : RunFixture
{
    private static IEnumerable<TestCaseData> Ignored() => MachineMap.AudienceSync.Ignored.Select(cell => new TestCaseData(cell.State, cell.Message));

    [TestCaseSource(nameof(Ignored))]
    public async Task Should_change_and_say_nothing(string state, string message)
    {
        await Run.GoToAsync(state);
        await Run.BeUnmovedByAsync(() => Run.SendByNameAsync(message));
    }

    [Test]
    public async Task Should_come_to_the_same_end_when_every_message_comes_twice()
    {
        await TwiceAsync(() => Run.SendAsync(Run.Start(snapshot: Guid.Empty)));
        await TwiceAsync(() => Run.SendAsync(Run.Applied()));
        await TwiceAsync(() => Run.SendAsync(Run.Planned(remove: 900)));
        await TwiceAsync(() => Run.SendAsync(Run.Approve()));
        await TwiceAsync(() => Run.SendAsync(Run.Pause()));
        await TwiceAsync(() => Run.SendAsync(Run.Resume()));
        await TwiceAsync(() => Run.SendAsync(Run.Delivered()));
        await TwiceAsync(() => Run.SendAsync(Run.Verified()));

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("Completed"));
            Assert.That(Run.Said<AudienceSyncStarted>(), Has.Count.EqualTo(1));
            Assert.That(Run.Said<ApplySnapshot>(), Has.Count.EqualTo(1));
            Assert.That(Run.Said<PlanAudienceSync>(), Has.Count.EqualTo(1));
            Assert.That(Run.Said<AudienceSyncAwaitingApproval>(), Has.Count.EqualTo(1));
            Assert.That(Run.Said<DeliverAudienceSync>(), Has.Count.EqualTo(2), "once on entering, once on resuming");
            Assert.That(Run.Said<VerifyAudienceSync>(), Has.Count.EqualTo(1));
            Assert.That(Run.Said<AudienceSyncCompleted>(), Has.Count.EqualTo(1));
        });
    }

    private static async Task TwiceAsync(Func<Task> send)
    {
        await send();
        await send();
    }
}
