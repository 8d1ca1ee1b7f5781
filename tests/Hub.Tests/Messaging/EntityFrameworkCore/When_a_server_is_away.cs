using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using IntegrationHub.BridgeProcess;
using IntegrationHub.TestServers;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Messaging.EntityFrameworkCore;

/// <summary>Stops a real server of its own for half a minute of work; the application is never restarted.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class When_a_server_is_away() : BridgeFixture(Platform.PostgresAndRabbitMq)
{
    private static readonly TimeSpan _outage = TimeSpan.FromSeconds(30);

    // Reconnecting costs exceptions; a loop without pauses would throw this many in a blink.
    private const int ToleratedExceptionsPerSecond = 50;
    private const int ToleratedFailedAttempts = 60;

    private PostgresServer _postgres = null!;
    private RabbitMqServer _rabbitMq = null!;
    private readonly ConditionalWeakTable<Exception, object> _seen = [];
    private long _exceptions;

    protected override BridgeSettings Configure(BridgeSettings settings) =>
        settings with { Retries = 120, RetryInterval = TimeSpan.FromSeconds(1), Concurrency = 8 };

    internal override Task<PlatformServers> OpenAsync(Platform on) => PlatformServers.CreateAsync(on, _postgres.ConnectionString, _rabbitMq.Uri);

    [OneTimeSetUp]
    public async Task Start_the_servers()
    {
        _postgres = await PostgresServer.StartAsync();
        _rabbitMq = await RabbitMqServer.StartAsync();
        AppDomain.CurrentDomain.FirstChanceException += CountException;
    }

    [OneTimeTearDown]
    public async Task Stop_the_servers()
    {
        AppDomain.CurrentDomain.FirstChanceException -= CountException;
        await _rabbitMq.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    [Test]
    public async Task Should_deliver_everything_when_the_broker_comes_back()
    {
        var saved = new List<Guid> { await SaveAsync(), await SaveAsync() };
        await Poll.Until(() => Arrivals.Charged.Count == 2);
        var charges = await PublishChargesAsync(20);

        await _rabbitMq.StopAsync();
        var before = saved.Count;
        var perSecond = await MeasureAsync(async away =>
        {
            saved.Add(await SaveAsync());
            return away > _outage && saved.Count >= before + 5; // the application goes on saving meanwhile
        });
        await _rabbitMq.RestartAsync();

        await Poll.Until(() => saved.Concat(charges).All(Arrived));
        await SettledAsync();
        Assert.Multiple(() =>
        {
            Assert.That(perSecond, Is.LessThan(ToleratedExceptionsPerSecond), "no hot loop");
            Assert.That(Log.Warnings, Has.Count.LessThan(ToleratedFailedAttempts), "no hot loop");
        });
    }

    [Test]
    public async Task Should_deliver_everything_when_the_database_comes_back()
    {
        var first = await PublishChargesAsync(5);
        await Poll.Until(() => first.All(Arrived));

        await _postgres.StopAsync();
        var charges = await PublishChargesAsync(50);
        var perSecond = await MeasureAsync(away => Task.FromResult(away > _outage));
        await _postgres.RestartAsync();

        await Poll.Until(() => charges.All(Arrived));
        await SettledAsync();
        foreach (var chargeId in charges)
            Assert.That(await EffectsAsync(chargeId), Is.EqualTo(1));
        Assert.Multiple(() =>
        {
            Assert.That(perSecond, Is.LessThan(ToleratedExceptionsPerSecond), "no hot loop");
            Assert.That(Log.Warnings, Has.Count.LessThan(ToleratedFailedAttempts), "no hot loop");
            Assert.That(Faults, Is.Zero, "no message is given up");
        });
    }

    private bool Arrived(Guid chargeId) => Arrivals.Charged.Any(x => x.ChargeId == chargeId);

    private async Task<List<Guid>> PublishChargesAsync(int count)
    {
        var ids = Enumerable.Range(0, count).Select(_ => NewId.NextGuid()).ToList();
        await Task.WhenAll(ids.Select(x => PublishAsync(new Charge(x))));
        return ids;
    }

    private Task<Guid> SaveAsync() => InScopeAsync(async (provider, dbContext) =>
    {
        var chargeId = NewId.NextGuid();
        await provider.GetRequiredService<IPublishEndpoint>().Publish(new Charged(chargeId, 0));
        await dbContext.SaveChangesAsync();
        return chargeId;
    });

    /// <summary>How many exceptions a second are thrown until something is so, which is asked with the time since the server is away: a slow machine takes longer and throws more in that time.</summary>
    private async Task<double> MeasureAsync(Func<TimeSpan, Task<bool>> isOver)
    {
        var before = Interlocked.Read(ref _exceptions);
        var away = Stopwatch.StartNew();
        await Poll.Until(() => isOver(away.Elapsed));
        var (thrown, elapsed) = (Interlocked.Read(ref _exceptions) - before, away.Elapsed);
        await TestContext.Out.WriteLineAsync($"{thrown} exceptions and {Log.Warnings.Count} failed attempts of the bridge while the server was away");
        return thrown / elapsed.TotalSeconds;
    }

    // An exception is announced again by every method it passes; it is one all the same.
    private void CountException(object? sender, FirstChanceExceptionEventArgs arguments)
    {
        if (_seen.TryAdd(arguments.Exception, arguments))
            Interlocked.Increment(ref _exceptions);
    }
}
