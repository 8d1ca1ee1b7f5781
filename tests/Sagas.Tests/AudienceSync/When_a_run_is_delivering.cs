using IntegrationHub.Contracts.Audiences;

namespace Sagas.Tests.AudienceSync;

internal sealed class When_a_run_is_delivering : RunFixture
{
    [Test]
    [Edge("Delivering", "AudienceSyncDelivered", "Verifying")]
    public async Task Should_read_the_members_back_when_nothing_is_pending()
    {
        Run.Clock.Advance(TimeSpan.FromSeconds(40));
        await Run.SendAsync(Run.Delivered());

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("Verifying"));
            Assert.That(Run.Row.DeliveringAt, Is.EqualTo(Story.Noon));
            Assert.That(Run.Row.DeliveredAt, Is.EqualTo(Story.Noon.AddSeconds(40)));
            Assert.That(Run.Said<VerifyAudienceSync>().Single(), Is.EqualTo(new VerifyAudienceSync
            {
                RunId = Run.Id, Audience = "vip", Destination = "braze", Mode = "full", Round = 1,
            }));
        });
    }

    [Test]
    [Edge("Delivering", "AudienceSyncProgressed", "Delivering")]
    public async Task Should_note_progress()
    {
        Run.Clock.Advance(TimeSpan.FromSeconds(10));
        await Run.SendAsync(Run.Progressed());

        Assert.Multiple(() =>
        {
            Assert.That(Run.Row.LastProgressAt, Is.EqualTo(Story.Noon.AddSeconds(10)));
            Assert.That(Run.Said<DeliverAudienceSync>(), Has.Count.EqualTo(1), "the doorbells were rung on entering");
        });
    }

    [Test]
    public async Task Should_not_go_back_in_time_when_progress_arrives_out_of_order()
    {
        var late = Run.Progressed();
        Run.Clock.Advance(TimeSpan.FromSeconds(10));
        await Run.SendAsync(Run.Progressed());
        await Run.SendAsync(late);

        Assert.That(Run.Row.LastProgressAt, Is.EqualTo(Story.Noon.AddSeconds(10)));
    }

    protected override Task ArrangeAsync() => Run.GoToAsync("Delivering");
}
