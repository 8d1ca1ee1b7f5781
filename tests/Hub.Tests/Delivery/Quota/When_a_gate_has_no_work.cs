using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Deliveries;

namespace Hub.Tests.Delivery.Quota;

/// <summary>It gives back what it holds, and asks nobody until work comes.</summary>
public sealed class When_a_gate_has_no_work : GateFixture
{
    [Test]
    public async Task Should_find_its_budget_again_after_a_rest()
    {
        var gate = Gate(Day, new RateLimit("burst", Calls, Window, "account"));
        for (var round = 0; round < 2; round++)
        {
            using (var permit = await EnterAsync(gate))
            {
                Assert.That(permit.Refusal, Is.Null, $"round {round}");
            }

            await Time.Until(() => gate.Standing()[1].Held == 0, "the gate to give everything back when there is no work");
        }
    }

    [Test]
    public async Task Should_rest_after_a_call_that_gave_up_waiting()
    {
        var gate = Gate(new RateLimit("burst", 1, TimeSpan.FromMinutes(1), "account"));
        (await EnterAsync(gate)).Dispose();
        using var impatient = new CancellationTokenSource();
        var waits = gate.For(Lane.Bulk).EnterAsync(Endpoint, impatient.Token).AsTask();
        await impatient.CancelAsync();
        Assert.That(async () => await waits, Throws.InstanceOf<OperationCanceledException>());
        await Time.Until(() => gate.Standing()[0].Held == 0, "the gate to give everything back when there is no work", TimeSpan.FromSeconds(5));
        var exchanges = Table.Exchanges;
        await Time.Pass(TimeSpan.FromSeconds(5));
        Assert.That(Table.Exchanges, Is.LessThanOrEqualTo(exchanges + 1), "nobody is asked while there is no work");
    }

    [Test]
    public async Task Should_give_back_tokens_and_the_days_slice_when_it_stops()
    {
        var gate = Gate(Day, new RateLimit("burst", Calls, Window, "account"));
        (await EnterAsync(gate)).Dispose();
        await gate.DisposeAsync();
        Assert.That(Table.Books.Budgets["daily"].Taken, Is.EqualTo(1));
        Assert.That(Table.Books.Pools["burst"].Holdings.Sum(holding => holding.Tokens), Is.Zero);
    }
}
