using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>
/// The gate of one destination in this instance. Calls wait in lanes: an earlier lane always goes first, a later one that waits
/// gets one call in twenty. Tokens come from the pool that all instances share, in an exchange every half second while there is work;
/// a single call asks nobody.
/// </summary>
internal sealed partial class QuotaGate : IAsyncDisposable
{
    private const int FloorEvery = 20;
    private static readonly TimeSpan ExchangeEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SoonestExchange = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan IdleAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PatienceAtTheEnd = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly string _destination;
    private readonly IQuotaExchange _exchange;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LocalQuota _quota;
    private readonly LaneQueues _queues = new(FloorEvery);
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly long _began;
    private readonly ITimer _nextCall;
    private readonly ITimer _nextExchange;
    private Task? _loop;
    private long _lastCall;

    /// <param name="destination">Name of the destination.</param>
    /// <param name="instance">Name of this hub instance, unlike any other's.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="exchange">Where the instances meet.</param>
    /// <param name="time">The clock; only its ticks count, so that a wall clock may jump.</param>
    /// <param name="logger">Where an exchange that fails is told.</param>
    public QuotaGate(string destination, string instance, QuotaLimits limits, IQuotaExchange exchange, TimeProvider time, ILogger logger)
    {
        (_destination, _exchange, _time, _logger) = (destination, exchange, time, logger);
        _quota = new LocalQuota(instance, limits);
        _began = time.GetTimestamp();
        _nextCall = time.CreateTimer(_ => Pump(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _nextExchange = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ticks since the gate stands; the machine's own count would leave the range of a long on its way to ticks.</summary>
    private long Now => _time.GetElapsedTime(_began).Ticks;

    /// <summary>The gate as the work of one lane meets it.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="insists">True for a check: it asks the vendor also where our books say that no call is left, for the books may be wrong.</param>
    public ICallGate For(string lane, bool insists = false) => new LaneGate(this, lane, insists);

    private async ValueTask<CallPermit> EnterAsync(WaitingCall call, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _lastCall = Now;
            _queues.Add(call);
            _loop ??= Task.Run(ExchangeWhileUsedAsync, CancellationToken.None);
        }

        Pump();
        await using var registration = cancellationToken.UnsafeRegister(static (state, token) => ((WaitingCall)state!).Admitted.TrySetCanceled(token), call);
        return await call.Admitted.Task;
    }

    /// <summary>Somebody says that waits are over: nothing is refused before the other instances were asked.</summary>
    public void Doubt()
    {
        lock (_lock)
        {
            _quota.Doubt();
        }

        Pump();
    }

    /// <summary>How the limits stand in this instance.</summary>
    public IReadOnlyList<QuotaStanding> Standing()
    {
        lock (_lock)
        {
            return _quota.Standing();
        }
    }

    /// <summary>Ends all waits and gives everything back, so that the others need not wait for the lease to run out.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync();
        Pump();
        await _nextCall.DisposeAsync();
        await _nextExchange.DisposeAsync();
        if (_loop is { } loop)
        {
            await loop;
            await LeaveAllAsync();
        }

        _stop.Dispose();
        _wake.Dispose();
    }

    /// <summary>Lets every call through that may go now, and sets the alarm for the next one.</summary>
    private void Pump()
    {
        lock (_lock)
        {
            if (_stop.IsCancellationRequested)
            {
                _queues.CancelAll();
                return;
            }

            var (next, dependsOnOthers) = (long.MaxValue, false);
            while (_queues.TryTake(MayGo) is { } call)
            {
                Admit(call);
                (next, dependsOnOthers) = (long.MaxValue, false);
            }

            if (dependsOnOthers)
            {
                Wake();
            }

            if (next < CallOutlook.AfterAnother.At)
            {
                var wait = TimeSpan.FromTicks(Math.Max(0, next - Now));
                _nextCall.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
            }

            bool MayGo(WaitingCall call)
            {
                var now = Now;
                var outlook = _quota.Look(call, now);
                call.Refusal = outlook.Refusal;
                next = Math.Min(next, outlook.At <= now ? next : outlook.At);
                dependsOnOthers |= outlook.At == long.MaxValue;
                return outlook.At <= now;
            }
        }
    }

    private void Admit(WaitingCall call)
    {
        if (call.Refusal is not null)
        {
            call.Admitted.TrySetResult(new RefusedPermit(call.Refusal));
            return;
        }

        if (call.Admitted.TrySetResult(new GrantedPermit(this, call)))
        {
            _quota.Take(call, Now);
        }
    }

    private void Leave(WaitingCall call, bool counted)
    {
        lock (_lock)
        {
            _lastCall = Now;
            _quota.Leave(call, counted, _lastCall);
        }

        Pump();
    }

    private void Correct(VendorEndpoint endpoint, QuotaReading reading)
    {
        lock (_lock)
        {
            _quota.Correct(endpoint, reading, Now);
        }
    }

    private void Wake()
    {
        lock (_lock)
        {
            if (_wake.CurrentCount == 0 && !_stop.IsCancellationRequested)
            {
                _wake.Release();
            }
        }
    }

    private async Task ExchangeWhileUsedAsync()
    {
        var failures = 0;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _wake.WaitAsync(_stop.Token);
                await ExchangeAsync(_stop.Token);
                failures = 0;
                Pump();
                await Task.Delay(SoonestExchange, _time, _stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // The lease goes on for a while; then calls wait until the database is back.
                if (++failures is 1 or 60)
                {
                    Log.ExchangeFailed(_logger, _destination, exception.GetType().Name, failures);
                }
            }

            SetNextExchange();
        }
    }

    private void SetNextExchange()
    {
        lock (_lock)
        {
            if (!_stop.IsCancellationRequested && (_quota.OwesClaim || _queues.Count > 0))
            {
                _nextExchange.Change(ExchangeEvery, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private async Task ExchangeAsync(CancellationToken cancellationToken)
    {
        QuotaClaim claim;
        lock (_lock)
        {
            var isQueued = _queues.Count > 0;
            var isIdle = !isQueued && !_quota.IsCalling && Now - _lastCall > IdleAfter.Ticks;
            claim = _quota.Claim(Now, isIdle, isQueued);
        }

        if (await _exchange.ExchangeAsync(claim, cancellationToken) is { } answer)
        {
            lock (_lock)
            {
                _quota.Accept(answer, Now);
            }
        }
    }

    private async Task LeaveAllAsync()
    {
        QuotaClaim claim;
        lock (_lock)
        {
            claim = _quota.Claim(Now, isIdle: true, isQueued: false);
        }

        try
        {
            using var patience = new CancellationTokenSource(PatienceAtTheEnd, _time);
            await _exchange.ExchangeAsync(claim, patience.Token);
        }
        catch (Exception exception)
        {
            Log.NotGivenBack(_logger, _destination, exception.GetType().Name);
        }
    }

    private sealed record LaneGate(QuotaGate Gate, string Lane, bool Insists) : ICallGate
    {
        public ValueTask<CallPermit> EnterAsync(VendorEndpoint endpoint, CancellationToken cancellationToken) =>
            Gate.EnterAsync(new WaitingCall(endpoint, Lane, Insists), cancellationToken);
    }

    private sealed class RefusedPermit(DestinationCondition refusal) : CallPermit
    {
        public override DestinationCondition? Refusal => refusal;
    }

    private sealed class GrantedPermit(QuotaGate gate, WaitingCall call) : CallPermit
    {
        private bool _counted = true;
        private int _left;

        public override void Report(QuotaReading reading) => gate.Correct(call.Endpoint, reading);

        public override void NotCounted() => _counted = false;

        protected override void Dispose(bool disposing)
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                gate.Leave(call, _counted);
            }

            base.Dispose(disposing);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1151, LogLevel.Warning, "The quota of {Destination} could not be exchanged with the other instances ({Error}), {Failures} times in a row; without them its calls wait a few seconds from now, and it goes on trying")]
        public static partial void ExchangeFailed(ILogger logger, string destination, string error, int failures);

        [LoggerMessage(1152, LogLevel.Information, "What this instance held of the quota of {Destination} could not be given back ({Error}); the others get it in a few seconds")]
        public static partial void NotGivenBack(ILogger logger, string destination, string error);
    }
}
