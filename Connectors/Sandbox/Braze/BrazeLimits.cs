using System.Globalization;

namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary>Braze's call budgets and their headers, in the shapes of both contract kinds.</summary>
internal sealed class BrazeLimits(SandboxKnobs knobs, TimeProvider time)
{
    private readonly CallQuota _export = new(250, TimeSpan.FromMinutes(1), knobs, time);
    private readonly CallQuota _selectiveExport = new(40, TimeSpan.FromSeconds(1), knobs, time);
    private readonly CallQuota _general = new(250_000, TimeSpan.FromHours(1), knobs, time);
    private readonly Dictionary<string, CallQuota> _byPath = Pools(knobs, time);

    public BrazeContract Contract { get; set; }

    /// <summary>Takes a call out of the budget of its endpoint; what has none of its own draws on the general pool.</summary>
    public bool TryTake(SandboxCall call, string path)
    {
        var quota = QuotaOf(call, path);
        if (call.Fault?.Variant == BrazeFaults.BudgetSpent)
        {
            Spend(quota);
        }

        return TryTake(quota, call);
    }

    /// <summary>Uses up what is left of a budget, as another integration of the workspace would.</summary>
    private static void Spend(CallQuota quota)
    {
        for (var left = quota.Limit; left > 0 && quota.TryTake(out _, out _); left--)
        {
        }
    }

    /// <summary>The wider budget serves exports that name their fields.</summary>
    private CallQuota QuotaOf(SandboxCall call, string path)
        => path == BrazeSandbox.Export ? call.Body.Span.IndexOf("\"fields_to_export\""u8) >= 0 ? _selectiveExport : _export
            : _byPath.GetValueOrDefault(path, _general);

    /// <summary>https://www.braze.com/docs/api/api_limits</summary>
    private static Dictionary<string, CallQuota> Pools(SandboxKnobs knobs, TimeProvider time)
    {
        var identity = new CallQuota(20_000, TimeSpan.FromMinutes(1), knobs, time);
        var lists = new CallQuota(1000, TimeSpan.FromHours(1), knobs, time);
        var subscriptions = new CallQuota(5_000, TimeSpan.FromMinutes(1), knobs, time);
        return new Dictionary<string, CallQuota>
        {
            [BrazeSandbox.Track] = new(3000, TimeSpan.FromSeconds(3), knobs, time),
            [BrazeSandbox.TrackBulk] = new(50, TimeSpan.FromSeconds(1), knobs, time),
            ["users/delete"] = identity,
            ["users/alias/new"] = identity,
            ["users/alias/update"] = identity,
            ["users/identify"] = identity,
            ["users/merge"] = identity,
            ["users/external_ids/rename"] = new(1000, TimeSpan.FromMinutes(1), knobs, time),
            ["users/external_ids/remove"] = new(1000, TimeSpan.FromMinutes(1), knobs, time),
            ["subscription/status/set"] = subscriptions,
            ["v2/subscription/status/set"] = subscriptions,
            [BrazeSandbox.CustomAttributes] = lists,
            [BrazeSandbox.CustomEvents] = lists,
        };
    }

    public static void WriteRefusal(SandboxCall call, TimeSpan? retryAfter)
    {
        if (retryAfter is { } wait)
        {
            call.Header("x-ratelimit-retry-after", Seconds(wait));
        }

        BrazeAnswers.Fail(call, 429, "Rate limited");
    }

    public void Reset()
    {
        foreach (var quota in _byPath.Values.Concat([_export, _selectiveExport, _general]))
        {
            quota.Reset();
        }
    }

    private bool TryTake(CallQuota quota, SandboxCall call)
    {
        var taken = quota.TryTake(out var remaining, out var resetsAt);
        var wait = resetsAt - time.GetUtcNow();
        if (!taken && Contract == BrazeContract.MonthlyActiveUsers)
        {
            WriteRefusal(call, wait);
            return false;
        }

        call.Header("x-ratelimit-limit", quota.Limit.ToString(CultureInfo.InvariantCulture));
        call.Header("x-ratelimit-remaining", remaining.ToString(CultureInfo.InvariantCulture));
        call.Header("x-ratelimit-reset", Contract == BrazeContract.MonthlyActiveUsers
            ? Seconds(wait)
            : resetsAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        if (!taken)
        {
            WriteRefusal(call, null);
        }

        return taken;
    }

    private static string Seconds(TimeSpan wait) => Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
