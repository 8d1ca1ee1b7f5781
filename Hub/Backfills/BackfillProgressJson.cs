using System.Text.Json.Serialization;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Backfills.Pace;
using IntegrationHub.Storage.Backfills;

namespace IntegrationHub.Hub.Backfills;

/// <summary>How far a backfill is.</summary>
internal sealed record BackfillProgressJson
{
    /// <summary>Over how long the rate is taken.</summary>
    public static readonly TimeSpan Lately = TimeSpan.FromMinutes(5);

    /// <summary>Records that have their outcome, of all that are planned, in percent, rounded down.</summary>
    [JsonPropertyName("percent")]
    public required int Percent { get; init; }

    /// <summary>Records per second that got their outcome in the last five minutes; null unless it is delivered.</summary>
    [JsonPropertyName("per_second")]
    public double? PerSecond { get; init; }

    /// <summary>When all will have theirs, about, at that rate, else at the one of its plan; null when nobody knows, and unless it is delivered.</summary>
    [JsonPropertyName("done_at")]
    public DateTimeOffset? DoneAt { get; init; }

    /// <summary>How far a run is; null before its plan stands.</summary>
    /// <param name="view">The run.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="settledLately">Records of its destination's backfills that got their outcome lately.</param>
    /// <param name="now">The time.</param>
    public static BackfillProgressJson? Of(BackfillView view, BackfillPlan? plan, long settledLately, DateTimeOffset now)
    {
        var (counts, run) = (view.Counts, view.Run);
        if (run.PlannedAt is null)
        {
            return null;
        }

        var shown = new BackfillProgressJson { Percent = counts.Planned == 0 ? 100 : (int)(100 * (counts.Planned - counts.Pending) / counts.Planned) };
        if (run.CurrentState != RunState.Delivering || run.DeliveringAt is not { } since)
        {
            return shown;
        }

        var span = now - since < Lately ? now - since : Lately;
        var perSecond = settledLately / Math.Max(1, span.TotalSeconds);
        var left = perSecond > 0 ? TimeSpan.FromSeconds(Math.Min(counts.Pending / perSecond, TimeSpan.FromDays(3_650).TotalSeconds))
            : plan is { Seconds: { } seconds, ToWrite: > 0 and var all } ? TimeSpan.FromSeconds(seconds * counts.Pending / all)
            : (TimeSpan?)null;
        return shown with
        {
            PerSecond = Math.Round(perSecond, 1, MidpointRounding.AwayFromZero),
            DoneAt = left is not { } work ? null : DeliveryWindows.Of(view.Terms.Windows) is { } windows ? windows.DoneAt(now, work) : now + work,
        };
    }
}
