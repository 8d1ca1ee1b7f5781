using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Storage.Deliveries;

namespace Hub.Tests.Delivery.Quota;

/// <summary>The database is away, or its answers get lost.</summary>
public sealed class When_the_books_cannot_be_reached : GateFixture
{
    [Test]
    public async Task Should_wait_for_the_database_when_its_lease_is_over_and_go_on_after()
    {
        Call(Gate(), Lane.Bulk, callers: 2);
        await Time.Until(() => Seen() >= Calls, "work to be under way");
        Table.IsAway = true;
        await Time.Pass(SharedQuota.LeaseLength);
        var seen = Seen();
        await Time.Pass(Window * 2);
        Assert.That(Seen(), Is.EqualTo(seen), "calls stop when the lease is over");
        Table.IsAway = false;
        await Time.Until(() => Seen() > seen, "calls to go on", Window * 3);
    }

    [Test]
    public async Task Should_go_on_a_window_after_answers_got_lost()
    {
        Call(Gate(), Lane.Bulk, callers: 2);
        await Time.Until(() => Seen() >= Calls, "work to be under way");
        for (var i = 0; i < 5; i++)
        {
            Table.LosesAnswers = true;
            await Time.Pass(TimeSpan.FromSeconds(1.2));
            Table.LosesAnswers = false;
            await Time.Pass(TimeSpan.FromSeconds(0.7));
        }

        var seen = Seen();
        await Time.Until(() => Seen() >= seen + Calls, "a window's worth of calls", Window * 10);
        Assert.That(Vendor.Refused, Is.Zero);
    }
}
