using System.Globalization;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>HubSpot's call budgets: any ten seconds per token, and the day of the account. Thread-safe.</summary>
internal sealed class HubSpotLimits(SandboxKnobs knobs, TimeProvider time)
{
    private const int SearchesPerSecond = 5;
    private const int EventCallsPerSecond = 1_250;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<long>> _calls = [];
    private readonly Queue<long> _searches = [];
    private readonly Queue<long> _eventCalls = [];
    private DateOnly _day;
    private int _today;

    /// <summary>Calls per ten seconds and token.</summary>
    public int Burst { get; set; } = 190;

    /// <summary>Calls per ten seconds and token, scaled.</summary>
    public int BurstNow => Scaled(Burst);

    /// <summary>Calls per day and account.</summary>
    public int Daily { get; set; } = 625_000;

    public TimeZoneInfo Zone { get; set; } = TimeZoneInfo.Utc;

    /// <summary>Takes a call out of both budgets and tells in headers what is left, or refuses it.</summary>
    public bool TryTake(string token, SandboxCall call)
    {
        var burst = Scaled(Burst);
        var daily = Scaled(Daily);
        var left = burst;
        var leftToday = daily;
        string? refusal = null;
        if (knobs.Quotas)
        {
            lock (_gate)
            {
                refusal = Take(token, burst, daily, out left, out leftToday);
            }
        }

        call.Header("X-HubSpot-RateLimit-Max", Text(burst));
        call.Header("X-HubSpot-RateLimit-Remaining", Text(left));
        call.Header("X-HubSpot-RateLimit-Interval-Milliseconds", "10000");
        call.Header("X-HubSpot-RateLimit-Daily", Text(daily));
        call.Header("X-HubSpot-RateLimit-Daily-Remaining", Text(leftToday));
        if (refusal is not null)
        {
            HubSpotAnswers.RateLimit(call, refusal, null);
        }

        return refusal is null;
    }

    /// <summary>Takes a call out of the account's five searches of any second, or refuses it.</summary>
    public bool TryTakeSearch(SandboxCall call) => TryTakeOfSecond(call, _searches, SearchesPerSecond);

    /// <summary>Takes a call out of the account's calls about events of any second, or refuses it.</summary>
    public bool TryTakeEvents(SandboxCall call) => TryTakeOfSecond(call, _eventCalls, EventCallsPerSecond);

    /// <summary>Takes calls out of the budgets at once, as others do: at most what is left of the day, and of the ten seconds of a token.</summary>
    public void Spend(string token, int calls)
    {
        lock (_gate)
        {
            var now = Turn(token, out var recent);
            _today += Math.Min(calls, Math.Max(0, Scaled(Daily) - _today));
            for (var left = Math.Min(calls, Scaled(Burst) - recent.Count); left > 0; left--)
            {
                recent.Enqueue(now.UtcTicks);
            }
        }
    }

    public void Reset()
    {
        lock (_gate)
        {
            _calls.Clear();
            _searches.Clear();
            _eventCalls.Clear();
            _today = 0;
        }
    }

    private string? Take(string token, int burst, int daily, out int left, out int leftToday)
    {
        var now = Turn(token, out var recent);
        var refusal = _today >= daily ? "DAILY" : recent.Count >= burst ? "TEN_SECONDLY_ROLLING" : null;
        if (refusal is null)
        {
            recent.Enqueue(now.UtcTicks);
            _today++;
        }

        left = Math.Max(0, burst - recent.Count);
        leftToday = Math.Max(0, daily - _today);
        return refusal;
    }

    private bool TryTakeOfSecond(SandboxCall call, Queue<long> recent, int calls)
    {
        bool free;
        lock (_gate)
        {
            var now = time.GetUtcNow().UtcTicks;
            while (recent.TryPeek(out var at) && at <= now - TimeSpan.TicksPerSecond)
            {
                recent.Dequeue();
            }

            free = !knobs.Quotas || recent.Count < Scaled(calls);
            if (free)
            {
                recent.Enqueue(now);
            }
        }

        if (!free)
        {
            HubSpotAnswers.RateLimit(call, "SECONDLY", null);
        }

        return free;
    }

    /// <summary>Gives back what is over: the day of the account, the calls of a token that are ten seconds old.</summary>
    private DateTimeOffset Turn(string token, out Queue<long> recent)
    {
        var now = time.GetUtcNow();
        var day = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, Zone).DateTime);
        if (day != _day)
        {
            _day = day;
            _today = 0;
        }

        if (!_calls.TryGetValue(token, out recent!))
        {
            _calls[token] = recent = new Queue<long>();
        }

        while (recent.TryPeek(out var at) && at <= (now - Window).UtcTicks)
        {
            recent.Dequeue();
        }

        return now;
    }

    private int Scaled(int calls) => (int)Math.Clamp(calls * knobs.QuotaScale, 1, int.MaxValue);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
