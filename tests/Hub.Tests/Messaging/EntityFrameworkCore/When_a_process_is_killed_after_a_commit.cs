using System.Diagnostics;
using System.Text.Json;
using IntegrationHub.BridgeProcess;
using IntegrationHub.TestServers;
using MassTransit;
using MassTransit.EntityFrameworkCoreIntegration;

namespace IntegrationHub.Hub.Tests.Messaging.EntityFrameworkCore;

[TestFixtureSource(typeof(Platforms))]
internal sealed class When_a_process_is_killed_after_a_commit(Platform platform) : BridgeFixture(platform)
{

    protected override bool StartsByItself => false;

    [Test]
    public async Task Should_deliver_what_a_consumer_sent_once_it_is_restarted()
    {
        var chargeId = NewId.NextGuid();
        await KillAsync(Situation.ConsumerCommitted, chargeId);
        await StartAsync();

        await Poll.Until(() => Arrivals.Charged.Count == 3);
        await SettledAsync();
        Assert.Multiple(async () =>
        {
            Assert.That(Arrivals.Charged.Select(x => x.Copy), Is.EquivalentTo([0, 1, 2]), "each is sent once");
            Assert.That(await EffectsAsync(chargeId), Is.EqualTo(1));
            Assert.That(Arrivals.Charges, Is.Zero, "what was committed is not consumed again");
        });
    }

    [Test]
    public async Task Should_deliver_what_a_saga_published_once_it_is_restarted()
    {
        var orderId = NewId.NextGuid();
        await KillAsync(Situation.SagaCommitted, orderId);
        await StartAsync();

        await Poll.Until(() => !Arrivals.Touched.IsEmpty);
        await SettledAsync();
        Assert.That(Arrivals.Touched, Is.EqualTo([new OrderTouched(orderId, 1)]));
        Assert.That((await FindOrderAsync(orderId))!.Touches, Is.EqualTo(1));
    }

    [Test]
    public async Task Should_deliver_what_a_scope_published_once_it_is_restarted()
    {
        var chargeId = NewId.NextGuid();
        await KillAsync(Situation.ScopeCommitted, chargeId);
        Assert.That(await BridgeHost.CountAsync<OutboxMessage>(Servers.Settings), Is.EqualTo(3), "the killed process has sent nothing");
        await StartAsync();

        await Poll.Until(() => Arrivals.Charged.Count == 3);
        await SettledAsync();
        Assert.That(Arrivals.Charged.Select(x => x.Copy), Is.EquivalentTo([0, 1, 2]));
    }

    /// <summary>Runs the application as a process of its own up to the commit, and kills it there.</summary>
    private async Task KillAsync(Situation situation, Guid id)
    {
        var settings = JsonSerializer.Serialize(Servers.Settings with { Delivers = false });
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(BridgeHost).Assembly.Location, $"{situation}", $"{id}", settings])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Poll.Patience);
        process.Kill();
        await process.WaitForExitAsync();
        Assert.That(line, Is.EqualTo("frozen"), await errors);
    }
}
