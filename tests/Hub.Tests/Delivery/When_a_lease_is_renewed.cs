using IntegrationHub.Hub.Delivery;
using IntegrationHub.TestServers;

namespace IntegrationHub.Hub.Tests.Delivery;

public sealed class When_a_lease_is_renewed
{
    private static readonly TimeSpan _length = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);
    private int _renewals;
    private int _failures;

    private LeaseRenewal Start(Func<int, bool> renew, TimeSpan? length = null, CancellationToken cancellationToken = default)
    {
        (_renewals, _failures) = (0, 0);
        return LeaseRenewal.Start(
            _ => Task.FromResult(renew(Interlocked.Increment(ref _renewals))), length ?? _length, TimeProvider.System, _ => Interlocked.Increment(ref _failures), cancellationToken);
    }

    [Test]
    public async Task Should_go_on_until_the_work_is_over()
    {
        var renewal = Start(_ => true);
        await Poll.Until(() => Task.FromResult(_renewals >= 3), _patience, "three renewals");
        Assert.That((renewal.IsLost, renewal.Token.IsCancellationRequested), Is.EqualTo((false, false)));
        await renewal.DisposeAsync();
        Assert.That((renewal.IsLost, _failures), Is.EqualTo((false, 0)));
    }

    [Test]
    public async Task Should_end_the_work_when_somebody_else_took_the_lease()
    {
        await using var renewal = Start(renewals => renewals != 2);
        await Poll.Until(() => Task.FromResult(renewal.Token.IsCancellationRequested), _patience, "the work to be ended");
        Assert.That((renewal.IsLost, _renewals), Is.EqualTo((true, 2)));
    }

    [Test]
    public async Task Should_try_again_after_a_failure_and_tell_of_it_once()
    {
        await using var renewal = Start(renewals => renewals is 1 or 2 ? throw new InvalidOperationException("the database is away") : true, TimeSpan.FromSeconds(3));
        await Poll.Until(() => Task.FromResult(_renewals >= 4), _patience, "it to go on");
        Assert.That((renewal.IsLost, renewal.Token.IsCancellationRequested, _failures), Is.EqualTo((false, false, 1)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_end_the_work_before_the_lease_ends_when_it_cannot_be_renewed(bool answers)
    {
        var started = TimeProvider.System.GetTimestamp();
        var length = TimeSpan.FromSeconds(1.5);
        await using var renewal = LeaseRenewal.Start(
            async token =>
            {
                await (answers ? Task.CompletedTask : new TaskCompletionSource().Task.WaitAsync(token));
                throw new InvalidOperationException("the database is away");
            },
            length, TimeProvider.System, _ => { }, CancellationToken.None);
        await Poll.Until(() => Task.FromResult(renewal.Token.IsCancellationRequested), _patience, "the work to be ended");
        Assert.That(renewal.IsLost, Is.True);
        Assert.That(TimeProvider.System.GetElapsedTime(started), Is.GreaterThan(length / 2));
    }

    [Test]
    public async Task Should_end_with_the_caller()
    {
        using var caller = new CancellationTokenSource();
        await using var renewal = Start(_ => true, cancellationToken: caller.Token);
        await caller.CancelAsync();
        Assert.That((renewal.IsLost, renewal.Token.IsCancellationRequested), Is.EqualTo((false, true)));
    }
}
