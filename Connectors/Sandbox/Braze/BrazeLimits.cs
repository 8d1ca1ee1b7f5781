using System.Globalization;

namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary>Braze's call budgets and their headers, in the shapes of both contract kinds.</summary>
internal sealed class BrazeLimits(SandboxKnobs knobs, TimeProvider time)
{
    private readonly CallQuota _track = new(3000, TimeSpan.FromSeconds(3), knobs, time);
    private readonly CallQuota _export = new(250, TimeSpan.FromMinutes(1), knobs, time);
    private readonly CallQuota _selectiveExport = new(40, TimeSpan.FromSeconds(1), knobs, time);

    public BrazeContract Contract { get; set; }

    public bool TryTakeTrack(SandboxCall call) => TryTake(_track, call);

    /// <summary>The wider budget serves exports that name their fields.</summary>
    public bool TryTakeExport(SandboxCall call)
        => TryTake(call.Body.Span.IndexOf("\"fields_to_export\""u8) >= 0 ? _selectiveExport : _export, call);

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
        _track.Reset();
        _export.Reset();
        _selectiveExport.Reset();
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
