using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Deliveries;

namespace Hub.Tests.Delivery.Quota;

/// <summary>The gate of one destination, or of several hubs on one account, against a vendor that counts exactly.</summary>
public sealed class When_calls_pass_the_gate : GateFixture
{
    [TestCase(1)]
    [TestCase(3)]
    public async Task Should_use_the_quota_and_never_exceed_it(int instances)
    {
        for (var i = 0; i < instances; i++)
        {
            Call(Gate(), Lane.Bulk, callers: 4);
        }

        await Time.Until(() => Seen() >= Calls * 6, "six windows' worth of calls");
        await StopAsync();
        var first = Vendor.Admitted[Calls * 2].At;
        var last = Vendor.Admitted[^1].At;
        var used = (Vendor.Admitted.Count - (Calls * 2)) / (Time.GetElapsedTime(first, last) / Window * Calls);
        Assert.Multiple(() =>
        {
            Assert.That(Vendor.Refused, Is.Zero);
            Assert.That(used, Is.GreaterThan(0.6), "of the calls that were allowed");
            Assert.That(Table.Exchanges, Is.LessThan(Seen() / 2), "a call asks nobody");
        });
    }

    [TestCase(Lane.Urgent)]
    [TestCase(Lane.Live)]
    public async Task Should_let_pressing_work_pass_at_once_and_leave_the_rest_a_floor(string pressing)
    {
        var gate = Gate();
        Call(gate, Lane.Bulk, callers: 4);
        await Time.Until(() => Seen() >= Calls * 2, "bulk work to use everything");
        var before = Seen();
        Call(gate, pressing, callers: 20);
        await Time.Until(() => Seen() >= before + (Calls * 4), "four windows with pressing work that uses everything");
        await StopAsync();
        var lanes = Vendor.Admitted.Skip(before + 10).CountBy(call => call.Lane).ToDictionary();
        var share = lanes.GetValueOrDefault(Lane.Bulk) / (double)lanes.Values.Sum();
        Assert.Multiple(() =>
        {
            Assert.That(share, Is.InRange(0.02, 0.1), "of bulk calls while pressing ones wait");
            Assert.That(Vendor.Refused, Is.Zero);
        });
    }

    [Test]
    public async Task Should_take_over_what_an_instance_that_left_held()
    {
        var (leaving, staying) = (Gate(), Gate());
        using var first = CancellationTokenSource.CreateLinkedTokenSource(Stopping.Token);
        var gone = Vendor.CallAsync(leaving, Endpoint, Lane.Bulk, "burst", first.Token);
        Call(staying, Lane.Bulk, callers: 4);
        await Time.Until(() => Seen() >= Calls * 2, "both to work");
        await first.CancelAsync();
        await gone;
        await leaving.DisposeAsync();
        await Time.Until(() => staying.Standing()[0].Held == Calls, "the one that stays to hold all");
        Assert.That(Vendor.Refused, Is.Zero);
    }

    [Test]
    public async Task Should_hold_calls_at_one_time_to_their_limit()
    {
        var gate = Gate();
        var permits = new List<CallPermit>();
        for (var i = 0; i < 8; i++)
        {
            permits.Add(await EnterAsync(gate));
        }

        var ninth = gate.For(Lane.Bulk).EnterAsync(Endpoint, CancellationToken.None).AsTask();
        await Time.Pass(TimeSpan.FromSeconds(1));
        Assert.That(ninth.IsCompleted, Is.False);
        permits[0].Dispose();
        permits[0].Dispose();
        await Time.Until(() => ninth.IsCompleted, "the ninth");
        (await ninth).Dispose();
        permits.ForEach(permit => permit.Dispose());
    }
}
