using IntegrationHub.Contracts.Audiences;

namespace Sagas.Tests.AudienceSync;

internal sealed class When_a_run_is_held_for_too_many_additions : RunFixture
{
    [Test]
    public async Task Should_say_so()
    {
        await Run.SendAsync(Run.Start(multiple: 2));
        await Run.SendAsync(Run.Planned(add: 2_001, remove: 0, current: 1_000));

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("AwaitingApproval"));
            Assert.That(Run.Said<AudienceSyncAwaitingApproval>().Single().Reason, Is.EqualTo("mass_addition"));
            Assert.That(Run.Row.WaitingFor, Does.Contain("add 2001").And.Contain("2 times"));
        });
    }
}
