using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>The exchange with the other instances: a loop that runs while tokens are held.</summary>
internal sealed partial class QuotaGate
{
    private async Task ExchangeWhileUsedAsync()
    {
        var holdsTokens = false;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _wake.WaitAsync(holdsTokens ? ExchangeEvery : Timeout.InfiniteTimeSpan, _stop.Token);
                holdsTokens = await ExchangeAsync();
                Pump();
                await Task.Delay(SoonestExchange, _time, _stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                // The lease goes on for a while; then calls wait until the database is back.
                holdsTokens = true;
                Log.ExchangeFailed(_logger, _destination, exception.GetType().Name);
                await Task.Delay(ExchangeEvery, _time, CancellationToken.None);
            }
        }

        await LeaveAllAsync();
    }

    /// <returns>True when this instance holds tokens now.</returns>
    private async Task<bool> ExchangeAsync()
    {
        List<PoolClaim> pools;
        List<(RateLimit Limit, PeriodClaim Claim)> periods;
        var asked = Now;
        bool idle;
        lock (_lock)
        {
            _needsExchange = false;
            idle = _queues.Count == 0 && _tokens[QuotaLimits.Concurrency].InUse == 0 && asked - _lastCall > TimeSpan.TicksPerSecond;
            pools = [.. ClaimPools(asked, idle)];
            periods = [.. _limits.Rates.Where(limit => _periods.ContainsKey(limit.Name)).Select(limit => (limit, _periods[limit.Name].Claim(_instance, wantsMore: !idle)))];
        }

        var grants = new Dictionary<string, TokenGrant>();
        var slices = new Dictionary<string, (PeriodGrant Grant, TimeSpan EndsIn)>();
        try
        {
            await _exchange.ExchangeAsync(
                (shared, now) =>
                {
                    grants.Clear();
                    foreach (var (limit, told) in _told)
                    {
                        shared.Told[limit] = told;
                    }

                    foreach (var pool in pools)
                    {
                        grants[pool.Limit] = Exchange(shared, pool, now);
                    }

                    foreach (var (limit, claim) in periods)
                    {
                        var (start, end) = _limits.PeriodAt(limit, now);
                        slices[limit.Name] = (shared.Budget(limit.Name).Exchange(claim, shared.Told.GetValueOrDefault(limit.Name, limit.Calls), start, now), end - now);
                    }
                },
                _stop.Token);
        }
        catch
        {
            TakeBack(asked, pools, periods);
            throw;
        }

        lock (_lock)
        {
            var now = Now;
            foreach (var pool in pools)
            {
                Accept(_tokens[pool.Limit], grants[pool.Limit], asked, now);
            }

            foreach (var (name, (grant, endsIn)) in slices)
            {
                // Who asked for no slice got none, which says nothing about the budget: the next call asks.
                _periods[name].Accept(grant, idle ? long.MinValue : now + endsIn.Ticks);
            }

            return _tokens.Values.Any(tokens => tokens.Held > 0);
        }
    }

    private IEnumerable<PoolClaim> ClaimPools(long now, bool idle)
    {
        foreach (var (name, tokens) in _tokens)
        {
            var limit = _limits.Rates.FirstOrDefault(limit => limit.Name == name);
            var capacity = limit?.Calls ?? _limits.MaxConcurrency;
            var returned = tokens.Release(Math.Max(0, tokens.Held - (idle ? 0 : tokens.Target)), now);
            var wanted = idle ? 0 : _queues.Count > 0 ? int.MaxValue : tokens.Busy(now) + Math.Max(2, capacity / 10);
            yield return new PoolClaim(name, capacity, limit?.Window ?? TimeSpan.Zero, new TokenClaim(_instance, tokens.Held, wanted, returned, tokens.Refused));
        }
    }

    private static void Accept(LocalTokens tokens, TokenGrant grant, long asked, long now)
    {
        if (grant.Lost)
        {
            tokens.Lose();
        }

        tokens.ForgetRefusal();
        tokens.Target = grant.Target;
        tokens.ValidUntil = asked + TokenPool.LeaseLength.Ticks;
        foreach (var some in grant.Tokens)
        {
            tokens.Add(some.Count, now + some.Delay.Ticks);
        }
    }

    /// <summary>An exchange that failed changed nothing, as far as we know: what was given back is kept until the lease ends.</summary>
    private void TakeBack(long asked, List<PoolClaim> pools, List<(RateLimit Limit, PeriodClaim Claim)> periods)
    {
        lock (_lock)
        {
            foreach (var pool in pools)
            {
                foreach (var some in pool.Claim.Returned)
                {
                    _tokens[pool.Limit].Add(some.Count, asked + some.Delay.Ticks);
                }
            }

            foreach (var (limit, claim) in periods)
            {
                _periods[limit.Name].Restore(claim);
            }
        }
    }

    /// <summary>Gives everything back at the end, so that the others need not wait for the lease to run out.</summary>
    private async Task LeaveAllAsync()
    {
        List<PoolClaim> pools;
        lock (_lock)
        {
            _queues.CancelAll();
            pools = [.. ClaimPools(Now, idle: true)];
        }

        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await _exchange.ExchangeAsync((shared, now) => pools.ForEach(pool => Exchange(shared, pool, now)), patience.Token);
        }
        catch (Exception exception)
        {
            Log.ExchangeFailed(_logger, _destination, exception.GetType().Name);
        }
    }

    private static TokenGrant Exchange(SharedQuota shared, PoolClaim pool, DateTimeOffset now) =>
        shared.Pool(pool.Limit).Exchange(pool.Claim, shared.Told.GetValueOrDefault(pool.Limit, pool.Capacity), pool.Window, now);

    private sealed record PoolClaim(string Limit, int Capacity, TimeSpan Window, TokenClaim Claim);
}
