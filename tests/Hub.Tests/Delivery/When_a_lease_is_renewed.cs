using IntegrationHub.Hub.Delivery;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.TestServers;

namespace IntegrationHub.Hub.Tests.Delivery;

public sealed class When_a_lease_is_renewed
{
    private static readonly TimeSpan _every = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);
    private static readonly Lease _lease = new("braze", "bulk", 0, "owner", 1, DateTimeOffset.UnixEpoch);
    private int _renewals;
    private Exception? _failure;

    private LeaseRenewal Start(Func<int, Lease?> renew, CancellationToken cancellationToken = default)
    {
        (_renewals, _failure) = (0, null);
        return LeaseRenewal.Start(_ => Task.FromResult(renew(Interlocked.Increment(ref _renewals))), _every, TimeProvider.System, failure => _failure = failure, cancellationToken);
    }

    [Test]
    public async Task Should_go_on_until_the_work_is_over()
    {
        var renewal = Start(_ => _lease);
        await Poll.Until(() => Task.FromResult(_renewals >= 3), _patience, "three renewals");
        Assert.That((renewal.IsLost, renewal.Token.IsCancellationRequested), Is.EqualTo((false, false)));
        await renewal.DisposeAsync();
        Assert.That((renewal.IsLost, _failure), Is.EqualTo((false, (Exception?)null)));
    }

    [Test]
    public async Task Should_stop_the_work_when_somebody_else_took_the_lease()
    {
        await using var renewal = Start(renewals => renewals == 2 ? null : _lease);
        await Poll.Until(() => Task.FromResult(renewal.Token.IsCancellationRequested), _patience, "the work to be stopped");
        Assert.That((renewal.IsLost, _renewals), Is.EqualTo((true, 2)));
    }

    [Test]
    public async Task Should_tell_of_a_failure_and_let_the_work_go_on()
    {
        await using var renewal = Start(_ => throw new InvalidOperationException("the database is away"));
        await Poll.Until(() => Task.FromResult(_failure is not null), _patience, "the failure to be told");
        Assert.That((renewal.IsLost, renewal.Token.IsCancellationRequested), Is.EqualTo((false, false)));
    }

    [Test]
    public async Task Should_end_with_the_caller()
    {
        using var caller = new CancellationTokenSource();
        await using var renewal = Start(_ => _lease, caller.Token);
        await caller.CancelAsync();
        Assert.That((renewal.IsLost, renewal.Token.IsCancellationRequested), Is.EqualTo((false, true)));
    }
}
