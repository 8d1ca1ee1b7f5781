using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Storage.Deliveries;

namespace Hub.Tests.Delivery.Quota;

/// <summary>Backfills use their share of a destination's pace and no more, though nobody else calls: what comes up finds the rest free.</summary>
public sealed class When_backfills_have_a_share : GateFixture
{
    private const double Share = 0.2;

    [TestCase(1)]
    [TestCase(3)]
    public async Task Should_keep_to_it_when_nothing_else_is_to_be_done(int instances)
    {
        for (var i = 0; i < instances; i++)
        {
            Call(Gate(Limits() with { BackfillShare = Share, MaxConcurrency = 24 }), Lane.Backfill, callers: 4);
        }

        await Time.Until(() => Seen() >= Calls * Share * 10, "ten windows' worth of its calls");
        await StopAsync();
        var used = PerWindow(Lane.Backfill, skip: (int)(Calls * Share * 2));
        Assert.That(used, Is.InRange(Calls * Share * 0.5, Calls * Share * 1.1), "calls per window");
    }

    [Test]
    public async Task Should_leave_the_rest_to_a_sync_that_comes_up()
    {
        var gate = Gate(Limits() with { BackfillShare = Share });
        Call(gate, Lane.Backfill, callers: 8);
        await Time.Until(() => Seen() >= Calls * Share * 3, "the backfill to be under way");
        var before = Seen();
        Call(gate, Lane.Bulk, callers: 4);
        await Time.Until(() => Seen() >= before + (Calls * 3), "the sync to be under way");
        await StopAsync();
        Assert.That(Vendor.Admitted.Skip(before).Count(call => call.Lane == Lane.Bulk), Is.GreaterThan(Calls * 3 * 0.7));
        Assert.That(Vendor.Refused, Is.Zero);
    }

    /// <summary>A vendor that answers slowly: without a share of the calls at one time, backfills would hold all of them.</summary>
    [Test]
    public async Task Should_leave_calls_at_one_time_free()
    {
        var gate = Gate(Limits() with { BackfillShare = 0.25, MaxConcurrency = 8 });
        using var first = await EnterAsync(gate.For(Lane.Backfill));
        using var second = await EnterAsync(gate.For(Lane.Backfill));
        var third = gate.For(Lane.Backfill).EnterAsync(Endpoint, Stopping.Token).AsTask();
        using var urgent = await EnterAsync(gate.For(Lane.Urgent));
        using var bulk = await EnterAsync(gate.For(Lane.Bulk));
        Assert.That(third.IsCompleted, Is.False, "two of eight are under way");
        first.Dispose();
        await Time.Until(() => third.IsCompleted, "its turn to come when another one is over");
        (await third).Dispose();
    }

    private double PerWindow(string lane, int skip)
    {
        var calls = Vendor.Admitted.Where(call => call.Lane == lane).Skip(skip).ToList();
        return (calls.Count - 1) / (Time.GetElapsedTime(calls[0].At, calls[^1].At) / Window);
    }
}
