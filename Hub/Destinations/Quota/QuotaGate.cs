using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>
/// The gate of one destination in this instance. Calls wait in lanes: an earlier lane always goes first, a later one that waits
/// gets one call in twenty. Tokens come from the pool that all instances share, in an exchange every half second while there is work;
/// a single call asks nobody.
/// </summary>
internal sealed partial class QuotaGate : ICallGate, IAsyncDisposable
{
    /// <summary>End of a refusal's code when the lane's share is used up and earlier lanes may still call.</summary>
    public const string OfLane = "_of_lane";

    private const int FloorEvery = 20;
    private static readonly TimeSpan ExchangeEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SoonestExchange = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly string _destination;
    private readonly string _instance;
    private readonly QuotaLimits _limits;
    private readonly IQuotaExchange _exchange;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Dictionary<string, LocalTokens> _tokens = [];
    private readonly Dictionary<string, LocalPeriod> _periods = [];
    private readonly Dictionary<string, int> _told = [];
    private readonly LaneQueues _queues = new(FloorEvery);
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly ITimer _timer;
    private Task? _loop;
    private long _lastCall = long.MinValue;
    private bool _needsExchange;

    /// <param name="destination">Name of the destination.</param>
    /// <param name="instance">Name of this hub instance, unlike any other's.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="exchange">Where the instances meet.</param>
    /// <param name="time">The clock; only its ticks count, so that a wall clock may jump.</param>
    /// <param name="logger">Where an exchange that fails is told.</param>
    public QuotaGate(string destination, string instance, QuotaLimits limits, IQuotaExchange exchange, TimeProvider time, ILogger logger)
    {
        (_destination, _instance, _limits, _exchange, _time, _logger) = (destination, instance, limits, exchange, time, logger);
        _tokens[QuotaLimits.Concurrency] = new LocalTokens(0);
        foreach (var limit in limits.Rates)
        {
            if (QuotaLimits.IsBudget(limit))
            {
                _periods[limit.Name] = new LocalPeriod();
            }
            else
            {
                _tokens[limit.Name] = new LocalTokens(limit.Window.Ticks);
            }
        }

        _timer = time.CreateTimer(_ => Pump(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc />
    public async ValueTask<CallPermit> EnterAsync(VendorEndpoint endpoint, CancellationToken cancellationToken)
    {
        var call = new WaitingCall(endpoint, CallLane.Current);
        lock (_lock)
        {
            _queues.Add(call);
            _loop ??= Task.Run(ExchangeWhileUsedAsync, CancellationToken.None);
        }

        Pump();
        await using var registration = cancellationToken.UnsafeRegister(static (state, token) => ((WaitingCall)state!).Admitted.TrySetCanceled(token), call);
        return await call.Admitted.Task;
    }

    /// <summary>How the limits stand in this instance.</summary>
    public IReadOnlyList<QuotaStanding> Standing()
    {
        lock (_lock)
        {
            return
            [
                .. _limits.Rates.Select(limit => _periods.TryGetValue(limit.Name, out var period)
                    ? new QuotaStanding(limit.Name, limit.Calls, period.Used, 0)
                    : new QuotaStanding(limit.Name, _told.GetValueOrDefault(limit.Name, limit.Calls), null, _tokens[limit.Name].Held)),
            ];
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync();
        await _timer.DisposeAsync();
        if (_loop is { } loop)
        {
            await loop;
        }

        _stop.Dispose();
        _wake.Dispose();
    }

    private long Now => _time.GetTimestamp() * TimeSpan.TicksPerSecond / _time.TimestampFrequency;

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

            var next = long.MaxValue;
            while (_queues.TryTake(call => MayGo(call, ref next)) is { } call)
            {
                Admit(call);
                next = long.MaxValue;
            }

            if (_needsExchange)
            {
                Wake();
            }

            if (next < long.MaxValue)
            {
                var wait = TimeSpan.FromTicks(Math.Max(0, next - Now));
                _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
            }
        }
    }

    private bool MayGo(WaitingCall call, ref long next)
    {
        var now = Now;
        foreach (var limit in _limits.Rates.Where(limit => limit.Covers(call.Endpoint)))
        {
            if (!_periods.TryGetValue(limit.Name, out var period))
            {
                continue;
            }

            if (period.NeedsExchange(now))
            {
                _needsExchange = true;
                return false;
            }

            if (period.IsOver(_limits.DayShares.GetValueOrDefault(call.Lane, 1)))
            {
                call.Refusal = new DestinationCondition(DestinationTrouble.Throttled, RefusalCode(limit, period), TimeSpan.FromTicks(Math.Max(0, period.EndsAt - now)));
                return true;
            }
        }

        var at = TokensFor(call).Max(tokens => tokens.NextAt(now, !Lane.IsPressing(call.Lane)));
        if (at <= now)
        {
            return true;
        }

        next = Math.Min(next, at);
        _needsExchange |= at == long.MaxValue;
        return false;
    }

    private static string RefusalCode(RateLimit limit, LocalPeriod period) => period.Used >= limit.Calls ? $"quota_{limit.Name}" : $"quota_{limit.Name}{OfLane}";

    private IEnumerable<LocalTokens> TokensFor(WaitingCall call) =>
        _limits.Rates.Where(limit => limit.Covers(call.Endpoint) && _tokens.ContainsKey(limit.Name)).Select(limit => _tokens[limit.Name]).Append(_tokens[QuotaLimits.Concurrency]);

    private void Admit(WaitingCall call)
    {
        if (call.Refusal is not null)
        {
            call.Admitted.TrySetResult(new RefusedPermit(call.Refusal));
            return;
        }

        var now = Now;
        var permit = new GrantedPermit(this, call);
        if (!call.Admitted.TrySetResult(permit))
        {
            return;
        }

        _lastCall = now;
        foreach (var tokens in TokensFor(call))
        {
            tokens.Take(now, !Lane.IsPressing(call.Lane));
        }

        foreach (var limit in _limits.Rates.Where(limit => limit.Covers(call.Endpoint) && _periods.ContainsKey(limit.Name)))
        {
            _periods[limit.Name].Take(call.Lane);
        }
    }

    private void Leave(WaitingCall call, bool counted)
    {
        lock (_lock)
        {
            var now = Now;
            _lastCall = now;
            foreach (var tokens in TokensFor(call))
            {
                tokens.GiveBack(now, counted);
            }

            foreach (var limit in _limits.Rates.Where(limit => !counted && limit.Covers(call.Endpoint) && _periods.ContainsKey(limit.Name)))
            {
                _periods[limit.Name].GiveBack(call.Lane);
            }
        }

        Pump();
    }

    private void Correct(QuotaReading reading)
    {
        lock (_lock)
        {
            if (_limits.Rates.FirstOrDefault(limit => limit.Name == reading.Limit) is not { } limit)
            {
                return;
            }

            if (reading.Max is { } max and > 0)
            {
                _told[limit.Name] = _limits.Fixed.Contains(limit.Name) ? Math.Min(max, limit.Calls) : max;
            }

            if (reading.Remaining is not { } remaining)
            {
                return;
            }

            if (_periods.TryGetValue(limit.Name, out var period))
            {
                period.Correct(Math.Max(0, _told.GetValueOrDefault(limit.Name, limit.Calls) - remaining));
            }
            else
            {
                _tokens[limit.Name].Correct(remaining, reading.Refused, Now, (reading.ResetsIn ?? limit.Window).Ticks);
            }
        }
    }

    private void Wake()
    {
        if (_wake.CurrentCount == 0)
        {
            _wake.Release();
        }
    }

    private sealed class RefusedPermit(DestinationCondition refusal) : CallPermit
    {
        public override DestinationCondition? Refusal => refusal;
    }

    private sealed class GrantedPermit(QuotaGate gate, WaitingCall call) : CallPermit
    {
        private bool _counted = true;
        private int _left;

        public override void Report(QuotaReading reading) => gate.Correct(reading);

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
        [LoggerMessage(1151, LogLevel.Warning, "The quota of {Destination} could not be exchanged with the other instances ({Error})")]
        public static partial void ExchangeFailed(ILogger logger, string destination, string error);
    }
}
