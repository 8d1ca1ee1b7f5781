using IntegrationHub.Hub.Delivery;
using Microsoft.Extensions.Time.Testing;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>With the time in the test's hand: it moves only when the renewal waits for it.</summary>
public sealed class When_a_lease_is_renewed
{
    private static readonly TimeSpan _length = TimeSpan.FromSeconds(12);
    private Clock _time = null!;
    private int _renewals;
    private int _failures;

    [SetUp]
    public void Start_the_clock() => (_time, _renewals, _failures) = (new Clock(), 0, 0);

    [Test]
    public async Task Should_go_on_every_third_until_the_work_is_over()
    {
        var renewal = Start(_ => true);
        for (var third = 1; third <= 6; third++)
        {
            Pass(_length / 3, renewal);
            Assert.That(_renewals, Is.EqualTo(third));
        }

        Assert.That((renewal.IsLost, renewal.Token.IsCancellationRequested), Is.EqualTo((false, false)));
        await renewal.DisposeAsync();
        Assert.That((renewal.IsLost, _failures), Is.EqualTo((false, 0)));
    }

    [Test]
    public async Task Should_end_the_work_when_somebody_else_took_the_lease()
    {
        await using var renewal = Start(renewals => renewals != 2);
        Pass(_length / 3, renewal);
        Assert.That(renewal.IsLost, Is.False);
        Pass(_length / 3, renewal);
        Assert.That((renewal.IsLost, renewal.Token.IsCancellationRequested, _renewals), Is.EqualTo((true, true, 2)));
    }

    [Test]
    public async Task Should_try_again_every_twelfth_after_a_failure_and_tell_of_it_once()
    {
        await using var renewal = Start(renewals => renewals is 1 or 2 ? throw new InvalidOperationException("the database is away") : true);
        foreach (var wait in new[] { _length / 3, _length / 12, _length / 12, _length / 3 })
        {
            Pass(wait, renewal);
        }

        Assert.That((_renewals, renewal.IsLost, renewal.Token.IsCancellationRequested, _failures), Is.EqualTo((4, false, false, 1)));
    }

    /// <summary>A driver or a bus that gives up says so as a cancellation, too; nobody canceled the work.</summary>
    [Test]
    public async Task Should_try_again_when_somebody_elses_cancellation_ends_a_renewal()
    {
        await using var renewal = Start(renewals => renewals == 1 ? throw new TaskCanceledException("not ours") : true);
        Pass(_length / 3, renewal);
        Pass(_length / 12, renewal);
        Assert.That((_renewals, _failures, renewal.IsLost, renewal.Token.IsCancellationRequested), Is.EqualTo((2, 1, false, false)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_end_the_work_before_the_lease_ends_when_it_cannot_be_renewed(bool answers)
    {
        var began = _time.GetUtcNow();
        await using var renewal = LeaseRenewal.Start(
            async token =>
            {
                await (answers ? Task.CompletedTask : new TaskCompletionSource().Task.WaitAsync(token));
                throw new InvalidOperationException("the database is away");
            },
            _length, _time, _ => { }, CancellationToken.None);
        while (!renewal.Token.IsCancellationRequested && _time.GetUtcNow() - began < _length)
        {
            Pass(_length / 12, renewal);
        }

        Assert.That(renewal.IsLost, Is.True);
        Assert.That(_time.GetUtcNow() - began, Is.GreaterThanOrEqualTo(_length * 2 / 3).And.LessThan(_length));
    }

    [Test]
    public async Task Should_end_with_the_caller()
    {
        using var caller = new CancellationTokenSource();
        await using var renewal = Start(_ => true, caller.Token);
        await caller.CancelAsync();
        Assert.That((renewal.IsLost, renewal.Token.IsCancellationRequested), Is.EqualTo((false, true)));
    }

    private LeaseRenewal Start(Func<int, bool> renew, CancellationToken cancellationToken = default) => LeaseRenewal.Start(
        _ => Task.FromResult(renew(Interlocked.Increment(ref _renewals))), _length, _time, _ => Interlocked.Increment(ref _failures), cancellationToken);

    /// <summary>
    /// Lets time pass, and waits until the renewal waits again if its wait was over, or is over itself. It waits from its start on, and needs nothing but a thread to wait again: one that does nothing
    /// is not waited for as long as a server would be.
    /// </summary>
    private void Pass(TimeSpan time, LeaseRenewal renewal)
    {
        Assert.That(_time.Next, Is.GreaterThan(_time.GetUtcNow()), "the renewal waits");
        var isDue = _time.Next <= _time.GetUtcNow() + time;
        _time.Advance(time);
        Assert.That(
            () => !isDue || renewal.Token.IsCancellationRequested || _time.Next > _time.GetUtcNow(), Is.True.After(10).Seconds.PollEvery(20).MilliSeconds, "the renewal waits again, or is over");
    }

    /// <summary>Knows when the latest wait that was asked for ends.</summary>
    private sealed class Clock : FakeTimeProvider
    {
        public DateTimeOffset? Next { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Next = GetUtcNow() + dueTime;
            return timer;
        }
    }
}
