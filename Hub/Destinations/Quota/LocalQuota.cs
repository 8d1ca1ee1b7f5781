using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>
/// What one instance holds of a destination's limits and what it tells the others. Pure: times are ticks of a clock that never jumps. Not thread-safe.
/// </summary>
/// <param name="instance">Name of this hub instance, unlike any other's.</param>
/// <param name="limits">The limits.</param>
internal sealed class LocalQuota(string instance, QuotaLimits limits)
{
    /// <summary>End of a refusal's code when the lane's share is used up and earlier lanes may still call.</summary>
    public const string OfLane = "_of_lane";

    /// <summary>Calls may wait this long for an endpoint that the vendor holds back; for longer they are refused, since their work is held as long as they wait.</summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(30);

    /// <summary>Tokens are not used in the last moment of a lease, so that the vendor has counted every call before they rest for somebody else.</summary>
    private static readonly TimeSpan LeaseMargin = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, LocalTokens> _tokens = limits.Rates.Where(limit => !QuotaLimits.IsBudget(limit))
        .ToDictionary(limit => limit.Name, limit => new LocalTokens(limit.Window.Ticks)).Append(KeyValuePair.Create(QuotaLimits.Concurrency, new LocalTokens(0))).ToDictionary();

    private readonly Dictionary<string, LocalPeriod> _periods = limits.Rates.Where(QuotaLimits.IsBudget).ToDictionary(limit => limit.Name, _ => new LocalPeriod());
    private readonly Dictionary<VendorEndpoint, (long Until, string Limit)> _held = [];
    private readonly Dictionary<string, int> _told = [];
    private readonly HashSet<string> _untold = [];
    private int _callsOfShare;
    private QuotaClaim? _asked;
    private long _askedAt;
    private long _sequence;
    private (DateTimeOffset Time, long AnsweredAt)? _witness;

    /// <summary>True while calls are under way.</summary>
    public bool IsCalling => _tokens[QuotaLimits.Concurrency].InUse > 0;

    /// <summary>True while there is something to give back, or to say again because nobody answered.</summary>
    public bool OwesClaim => _asked is not null || _tokens.Values.Any(tokens => tokens.Held > 0);

    /// <summary>When a call may go, or why not.</summary>
    public CallOutlook Look(WaitingCall call, long now)
    {
        if (_held.TryGetValue(call.Endpoint, out var held) && held.Until > now && !call.Insists)
        {
            var rest = TimeSpan.FromTicks(held.Until - now);
            return rest <= LongestHold ? new CallOutlook(held.Until) : new CallOutlook(now, Refusal($"quota_{held.Limit}", rest, thisWorkOnly: true));
        }

        foreach (var limit in LimitsOf(call))
        {
            if (!_periods.TryGetValue(limit.Name, out var period))
            {
                continue;
            }

            var share = limits.ShareOf(call.Lane);
            if (period.NeedsExchange(now, share))
            {
                return CallOutlook.DependsOnOthers;
            }

            if (period.IsOver(share) && !call.Insists)
            {
                return new CallOutlook(now, Refusal(
                    $"quota_{limit.Name}{(period.IsUsedUp ? "" : OfLane)}", period.OverFor(share, now), thisWorkOnly: limit.Endpoints.Count > 0));
            }
        }

        var pace = limits.PaceShareOf(call.Lane);
        return pace < 1 && _callsOfShare > 0 && _callsOfShare >= (int)(_tokens[QuotaLimits.Concurrency].Held * pace)
            ? CallOutlook.AfterAnother
            : new CallOutlook(TokensOf(call).Max(tokens => tokens.NextAt(now, !Lane.IsPressing(call.Lane), pace)));
    }

    /// <summary>A call starts.</summary>
    public void Take(WaitingCall call, long now)
    {
        var pace = limits.PaceShareOf(call.Lane);
        _callsOfShare += pace < 1 ? 1 : 0;
        foreach (var tokens in TokensOf(call))
        {
            tokens.Take(now, !Lane.IsPressing(call.Lane), pace);
        }

        foreach (var period in PeriodsOf(call))
        {
            period.Take(call.Lane);
        }
    }

    /// <summary>A call ended.</summary>
    public void Leave(WaitingCall call, bool counted, long now)
    {
        _callsOfShare -= limits.PaceShareOf(call.Lane) < 1 ? 1 : 0;
        foreach (var tokens in TokensOf(call))
        {
            tokens.GiveBack(now, counted);
        }

        foreach (var period in PeriodsOf(call))
        {
            period.Leave(call.Lane, counted);
        }
    }

    /// <summary>
    /// The vendor says how a limit stands. A refusal concerns the endpoint that was called and lasts as long as the vendor asks: a period is used up only
    /// when the refusal lasts until its end.
    /// </summary>
    public void Correct(VendorEndpoint endpoint, QuotaReading reading, long now)
    {
        if (limits.Find(reading.Limit) is not { } limit)
        {
            return;
        }

        if (reading.Max is { } max and > 0)
        {
            var calls = limits.Fixed.Contains(limit.Name) ? Math.Min(max, limit.Calls) : max;
            if (_told.GetValueOrDefault(limit.Name) != calls)
            {
                _told[limit.Name] = calls;
                _untold.Add(limit.Name);
            }
        }

        if (reading.Remaining is not { } remaining)
        {
            return;
        }

        if (_tokens.TryGetValue(limit.Name, out var tokens))
        {
            tokens.Correct(remaining, reading.Refused, now, (reading.ResetsIn ?? limit.Window).Ticks);
        }
        else if (!reading.Refused)
        {
            _held.Remove(endpoint);
            _periods[limit.Name].Correct(remaining, reading.Max is > 0 ? reading.Max : null, now);
        }
        else if (reading.ResetsIn is { } wait && now + wait.Ticks < _periods[limit.Name].EndsAt - TimeSpan.TicksPerMinute)
        {
            _held[endpoint] = (now + wait.Ticks, limit.Name);
        }
        else
        {
            _periods[limit.Name].UseUp();
        }
    }

    /// <summary>Somebody says that waits are over: nothing is held back, and the next call asks the others how periods stand.</summary>
    public void Doubt()
    {
        _held.Clear();
        foreach (var period in _periods.Values)
        {
            period.Doubt();
        }
    }

    /// <summary>What to tell the others.</summary>
    /// <param name="now">The time.</param>
    /// <param name="isIdle">True when there is no work: everything is given back.</param>
    /// <param name="isQueued">True when calls wait: whatever there is could be used.</param>
    public QuotaClaim Claim(long now, bool isIdle, bool isQueued)
    {
        _asked = new QuotaClaim
        {
            Instance = instance,
            Sequence = ++_sequence,
            Witness = _witness is { } last ? new QuotaWitness(last.Time, TimeSpan.FromTicks(now - last.AnsweredAt)) : null,
            Tokens = _tokens.ToDictionary(entry => entry.Key, entry => Claim(entry.Key, entry.Value, now, isIdle, isQueued)),
            Periods = _periods.ToDictionary(entry => entry.Key, entry => entry.Value.Claim(wantsMore: !isIdle)),
            Told = _untold.ToDictionary(limit => limit, limit => _told[limit]),
        };
        _askedAt = now;
        return _asked;
    }

    /// <summary>Takes what the answer gives. An answer to any claim but the last says nothing: what it gave is booked back with the next claim.</summary>
    public void Accept(QuotaAnswer answer, long now)
    {
        if (_asked is not { } claim || answer.Sequence != claim.Sequence)
        {
            return;
        }

        foreach (var (limit, grant) in answer.Tokens)
        {
            Accept(_tokens[limit], grant, now);
        }

        foreach (var (limit, grant) in answer.Periods)
        {
            _periods[limit].Accept(claim.Periods[limit], grant, now);
        }

        _untold.RemoveWhere(limit => claim.Told.TryGetValue(limit, out var told) && told == _told[limit]);
        _witness = (answer.Now, now);
        _asked = null;
    }

    /// <summary>How the limits stand in this instance.</summary>
    public IReadOnlyList<QuotaStanding> Standing() =>
    [
        .. limits.Rates.Select(limit => _periods.TryGetValue(limit.Name, out var period)
            ? new QuotaStanding(limit.Name, limit.Calls, period.Used, 0)
            : new QuotaStanding(limit.Name, _told.GetValueOrDefault(limit.Name, limit.Calls), null, _tokens[limit.Name].Held)),
    ];

    private static DestinationCondition Refusal(string code, TimeSpan wait, bool thisWorkOnly) =>
        new(DestinationTrouble.Throttled, code, wait) { ConcernsThisWorkOnly = thisWorkOnly };

    private TokenClaim Claim(string limit, LocalTokens tokens, long now, bool isIdle, bool isQueued)
    {
        var returned = tokens.Release(Math.Max(0, tokens.Held - (isIdle ? 0 : tokens.Target)), now);
        var wanted = isIdle ? 0 : isQueued ? int.MaxValue : tokens.Busy(now) + Math.Max(2, (limits.Find(limit)?.Calls ?? limits.MaxConcurrency) / 10);
        return new TokenClaim(tokens.Held, wanted, returned, tokens.Refused);
    }

    private void Accept(LocalTokens tokens, TokenGrant grant, long now)
    {
        if (grant.Lost)
        {
            tokens.Lose();
        }

        tokens.ForgetRefusal();
        tokens.Target = grant.Target;
        tokens.ValidUntil = _askedAt + (SharedQuota.LeaseLength - LeaseMargin).Ticks;
        foreach (var some in grant.Tokens)
        {
            tokens.Add(some.Count, now + some.Delay.Ticks);
        }
    }

    private IEnumerable<RateLimit> LimitsOf(WaitingCall call) => limits.Rates.Where(limit => limit.Covers(call.Endpoint));

    private IEnumerable<LocalTokens> TokensOf(WaitingCall call) =>
        LimitsOf(call).Where(limit => _tokens.ContainsKey(limit.Name)).Select(limit => _tokens[limit.Name]).Append(_tokens[QuotaLimits.Concurrency]);

    private IEnumerable<LocalPeriod> PeriodsOf(WaitingCall call) => LimitsOf(call).Where(limit => _periods.ContainsKey(limit.Name)).Select(limit => _periods[limit.Name]);
}

/// <summary>How one limit stands.</summary>
/// <param name="Limit">Name of the limit.</param>
/// <param name="Calls">Calls per window.</param>
/// <param name="Used">With a budget: calls used in its period; else null.</param>
/// <param name="Held">With a window: tokens that this instance holds.</param>
internal sealed record QuotaStanding(string Limit, int Calls, long? Used, int Held);
