using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Deliveries;

namespace Hub.Tests.Delivery.Quota;

/// <summary>Somebody else uses the account, or the vendor asks one endpoint to wait.</summary>
public sealed class When_the_vendor_holds_calls_back : GateFixture
{
    [Test]
    public async Task Should_rest_when_somebody_else_uses_the_account()
    {
        Call(Gate(), Lane.Bulk, callers: 4);
        await Time.Until(() => Seen() >= Calls, "work to be under way");
        Vendor.Strangers = Calls / 2;
        await Time.Until(() => Vendor.Refused > 0, "the vendor to refuse although we are within the quota");
        var refusedAt = Vendor.Refused;
        var seen = Seen();
        await Time.Until(() => Seen() >= seen + (Calls * 2), "work to go on beside the other", TimeSpan.FromMinutes(2));
        Assert.That(Vendor.Refused - refusedAt, Is.LessThan(Calls * 2), "refusals are few: the share shrinks and grows again slowly");
    }

    [Test]
    public async Task Should_hold_back_one_endpoint_for_the_second_that_the_vendor_asks_and_nothing_else()
    {
        var gate = Gate(new RateLimit("general", 250_000, TimeSpan.FromHours(1), "most endpoints") { Kind = RateWindow.Fixed });
        using (var refused = await EnterAsync(gate))
        {
            refused.Report(new QuotaReading("general", 250_000, 0, TimeSpan.FromSeconds(1), Refused: true));
        }

        using var other = await EnterAsync(gate, Other);
        var same = gate.For(Lane.Bulk).EnterAsync(Endpoint, CancellationToken.None).AsTask();
        Assert.That((other.Refusal, same.IsCompleted), Is.EqualTo(((DestinationCondition?)null, false)));
        var asked = Time.GetUtcNow();
        await Time.Until(() => same.IsCompleted, "the held endpoint", TimeSpan.FromSeconds(2));
        Assert.That(Time.GetUtcNow() - asked, Is.EqualTo(TimeSpan.FromSeconds(1)).Within(TimeSpan.FromMilliseconds(200)));
        Assert.That((await same).Refusal, Is.Null);
        (await same).Dispose();
    }

    [Test]
    public async Task Should_refuse_an_endpoint_that_the_vendor_holds_back_for_minutes_and_nothing_else()
    {
        var gate = Gate(new RateLimit("general", 250_000, TimeSpan.FromHours(1), "most endpoints") { Kind = RateWindow.Fixed });
        using (var refused = await EnterAsync(gate))
        {
            refused.Report(new QuotaReading("general", null, 0, TimeSpan.FromMinutes(5), Refused: true));
        }

        using var same = await EnterAsync(gate);
        using var other = await EnterAsync(gate, Other);
        Assert.That(same.Refusal, Is.EqualTo(new DestinationCondition(DestinationTrouble.Throttled, "quota_general", TimeSpan.FromMinutes(5)) { ConcernsThisWorkOnly = true }));
        Assert.That(other.Refusal, Is.Null);
    }
}
