using System.Text.Json.Serialization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Notices;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.OptOuts;
using IntegrationHub.Storage.Quotas;
using IntegrationHub.Storage.Watch;
using IntegrationHub.Storage;

namespace IntegrationHub.Hub.Destinations;

/// <summary>How destinations stand: condition, quota, backlog and when it will be done. Read from what all instances share.</summary>
internal sealed class DestinationOverview(
    DestinationDirectory destinations, OpenSituation opened, OutboxTransaction transactions, IDestinationStore conditions, IQuotaStore quotas, IBacklogStore backlogs, HubConfiguration configuration, TimeProvider time)
{
    /// <summary>Of which time it is said how much failed, and how long it took.</summary>
    private static readonly TimeSpan _window = TimeSpan.FromHours(1);

    /// <summary>All destinations, by name.</summary>
    public async Task<IReadOnlyList<DestinationJson>> ListAsync(CancellationToken cancellationToken)
    {
        var backlog = await transactions.ReadAsync(db => backlogs.ReadAsync(db, cancellationToken));
        var situation = await opened.LookAsync(cancellationToken);
        var verdicts = Diagnoser.Explain(situation);
        var checks = await transactions.ReadAsync(db => DestinationChecks.ListAsync(db, cancellationToken));
        var window = await transactions.ReadAsync(db => DeliveryMinutes.SumAsync(db, time.GetUtcNow() - _window, cancellationToken));
        var overview = new List<DestinationJson>();
        foreach (var destination in destinations.All.OrderBy(destination => destination.Name, StringComparer.Ordinal))
        {
            var described = await transactions.ReadAsync(db => DescribeAsync(
                db, destination, [.. backlog.Where(row => row.Destination == destination.Name)], [.. situation.Pending.Where(work => work.Destination == destination.Name)], cancellationToken));
            overview.Add(described with
            {
                Diagnoses = [.. verdicts.Where(verdict => verdict.Destination == destination.Name && verdict.Kind == "backlog").Select(verdict => DiagnosisJson.From(verdict, situation.At))],
                Goals = GoalJson.Of(configuration.Slo, destination.Name, situation, window),
                Endings = EndingJson.Of(destination.Name, destination.Retirements, situation.Notices),
                LastCheck = checks.FirstOrDefault(check => check.Destination == destination.Name) is { } check ? new LastCheckJson(check.At, check.IsOk, check.Findings) : null,
            });
        }

        return overview;
    }

    private async Task<DestinationJson> DescribeAsync(HubDbContext db, Destination destination, List<Backlog> backlog, List<PendingWork> pending, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var feeds = (await OptOutFeeds.ListAsync(db, cancellationToken)).Where(feed => feed.Destination == destination.Name && destination.OptOutFeeds.Contains(feed.Feed));
        var known = (await conditions.ListConditionsAsync(db, destination.Name, cancellationToken)).Where(condition => condition.Until > now || condition.ProbeUntil > now || condition.Trouble != "throttled").ToList();
        var whole = known.Find(condition => condition.Name == destination.Name);
        var shared = SharedQuota.Parse(await quotas.FindAsync(db, destination.Name, cancellationToken));
        var limits = destination.Quota.Limits;
        var givenUp = await GivenUpJob.ListAsync(db, destination.Name, cancellationToken);
        var day = limits.Rates.FirstOrDefault(limit => limit.Kind == RateWindow.Day);
        var forecasts = QuotaForecast.For(
            limits,
            destination.Descriptor,
            backlog.Select(row => (row.Lane, OperationNamed(row.Operation), row.Pending)),
            day is null ? 0 : shared.UsedIn(limits, day, now),
            now);
        return new DestinationJson(
            destination.Name,
            destination.Descriptor.Name,
            whole is null ? null : Condition(whole, destination.Name),
            [.. known.Select(condition => Condition(condition, destination.Name))],
            [.. limits.Rates.Select(limit => Limit(shared, limits, limit, now))],
            [.. pending.GroupBy(work => work.Lane).OrderBy(lane => lane.Key, StringComparer.Ordinal).Select(lane => new BacklogJson(lane.Key, lane.Sum(work => work.Records), lane.Min(work => work.Oldest)))],
            [.. forecasts.Select(forecast => Forecast(forecast, known.Find(condition => condition.Name == DestinationHealth.OfLane(destination.Name, forecast.Lane)), whole, now))])
        {
            OptOutFeeds = [.. feeds.Select(feed => new OptOutFeedJson(
                feed.Feed, feed.AskedAt, feed.CaughtUpAt, feed.CaughtUpAt is { } caughtUp ? (long)(now - caughtUp).TotalSeconds : null, feed.OptOuts, feed.Error, feed.FailingSince))],
            Live = destination.IsLive ? "on" : "off",
            GivenUpJobs = [.. givenUp.Select(GivenUpJobJson.From)],
        };
    }

    /// <summary>A throttle ends when the vendor said so, and the lane's work is done that much later; when anything else ends nobody knows.</summary>
    private static ForecastJson Forecast(QuotaForecast forecast, StoredCondition? lane, StoredCondition? whole, DateTimeOffset now)
    {
        var wait = lane?.Until > now ? lane.Until - now : TimeSpan.Zero;
        return whole is null
            ? new ForecastJson(forecast.Lane, forecast.Calls, forecast.DoneAt + wait, forecast.BudgetUsedAtEnd)
            : new ForecastJson(forecast.Lane, forecast.Calls, null, null);
    }

    private static ConditionJson Condition(StoredCondition condition, string destination) => new(
        condition.Trouble, condition.Code, condition.Since, condition.Until, condition.Name == destination ? "destination" : condition.Name[(destination.Length + 1)..]);

    private static LimitJson Limit(SharedQuota shared, QuotaLimits limits, RateLimit limit, DateTimeOffset now)
    {
        var calls = shared.Capacity(limits, limit.Name);
        return QuotaLimits.IsBudget(limit)
            ? new LimitJson(limit.Name, calls, (int)limit.Window.TotalSeconds, shared.UsedIn(limits, limit, now), limits.PeriodAt(limit, now).End)
            : new LimitJson(limit.Name, shared.Pools.TryGetValue(limit.Name, out var pool) ? Math.Min(calls, (int)(calls * pool.Share)) : calls, (int)limit.Window.TotalSeconds, null, null);
    }

    private static Operation OperationNamed(string name) => Enum.GetValues<Operation>().First(operation =>
        string.Equals(operation.ToString(), name.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase));
}

/// <summary>A destination as the API and the CLI show it.</summary>
/// <param name="Destination">Its name.</param>
/// <param name="Connector">Its connector.</param>
/// <param name="Condition">Why nothing is sent there at all, or null.</param>
/// <param name="Conditions">Everything that keeps something from being sent: to the destination, by a lane, for an audience.</param>
/// <param name="Limits">Its quota.</param>
/// <param name="Backlog">What waits, by lane.</param>
/// <param name="Forecast">When it will be done, by lane.</param>
/// <param name="Live"><c>on</c> when changes of people and memberships go there as they happen, else <c>off</c>.</param>
internal sealed record DestinationJson(
    [property: JsonPropertyName("destination")] string Destination,
    [property: JsonPropertyName("connector")] string Connector,
    [property: JsonPropertyName("condition")] ConditionJson? Condition,
    [property: JsonPropertyName("conditions")] IReadOnlyList<ConditionJson>? Conditions,
    [property: JsonPropertyName("limits")] IReadOnlyList<LimitJson> Limits,
    [property: JsonPropertyName("backlog")] IReadOnlyList<BacklogJson> Backlog,
    [property: JsonPropertyName("forecast")] IReadOnlyList<ForecastJson> Forecast)
{
    /// <summary><c>on</c> when changes of people go there as they happen, else <c>off</c>.</summary>
    [JsonPropertyName("live")]
    public string Live { get; init; } = "off";

    /// <summary>Why what waits for it is not sent, lane by lane; empty when nothing hinders it.</summary>
    [JsonPropertyName("diagnoses")]
    public IReadOnlyList<DiagnosisJson> Diagnoses { get; init; } = [];

    /// <summary>How its lanes stand against their goals, of the last hour; empty when nothing waits and nothing was settled.</summary>
    [JsonPropertyName("goals")]
    public IReadOnlyList<GoalJson> Goals { get; init; } = [];

    /// <summary>What the last check found; null when it was never checked.</summary>
    [JsonPropertyName("last_check")]
    public LastCheckJson? LastCheck { get; init; }

    /// <summary>What ends of the vendor's interfaces that the hub calls, what ends first in front; empty when nothing is known to.</summary>
    [JsonPropertyName("endings")]
    public IReadOnlyList<EndingJson>? Endings { get; init; }

    /// <summary>Jobs of the vendor that were given up and may end yet; empty when there is none.</summary>
    [JsonPropertyName("given_up_jobs")]
    public IReadOnlyList<GivenUpJobJson>? GivenUpJobs { get; init; }

    /// <summary>The vendor's feeds of opt-outs; empty when it is not asked.</summary>
    [JsonPropertyName("opt_out_feeds")]
    public IReadOnlyList<OptOutFeedJson>? OptOutFeeds { get; init; }
}

/// <summary>What the last check of a destination found.</summary>
/// <param name="At">When it was checked.</param>
/// <param name="Ok">True when nothing was wrong.</param>
/// <param name="Findings">Codes of what was wrong, with the field or audience.</param>
internal sealed record LastCheckJson(
    [property: JsonPropertyName("at")] DateTimeOffset At,
    [property: JsonPropertyName("ok")] bool Ok,
    [property: JsonPropertyName("findings")] IReadOnlyList<string> Findings);

/// <summary>How far a vendor's feed of opt-outs was read.</summary>
/// <param name="Feed">Its name.</param>
/// <param name="AskedAt">When the vendor was last asked.</param>
/// <param name="CaughtUpAt">When the feed was last read to its end; null when it never was.</param>
/// <param name="LagSeconds">How long ago that was.</param>
/// <param name="OptOuts">Opt-outs that were read, repeats counted.</param>
/// <param name="Error">Reason code of the last failure, or null.</param>
/// <param name="FailingSince">Since when it fails, or null.</param>
internal sealed record OptOutFeedJson(
    [property: JsonPropertyName("feed")] string Feed,
    [property: JsonPropertyName("asked_at")] DateTimeOffset AskedAt,
    [property: JsonPropertyName("caught_up_at")] DateTimeOffset? CaughtUpAt,
    [property: JsonPropertyName("lag_seconds")] long? LagSeconds,
    [property: JsonPropertyName("opt_outs")] long OptOuts,
    [property: JsonPropertyName("error")] string? Error,
    [property: JsonPropertyName("failing_since")] DateTimeOffset? FailingSince);

/// <summary>Why something is not sent.</summary>
/// <param name="Trouble">throttled, unauthorized, misconfigured or unavailable.</param>
/// <param name="Code">Reason code.</param>
/// <param name="Since">When it began.</param>
/// <param name="Until">When it is tried again.</param>
/// <param name="Concerns"><c>destination</c>, the name of a lane, or <c>audience:</c> and the key of an audience.</param>
internal sealed record ConditionJson(
    [property: JsonPropertyName("trouble")] string Trouble,
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("since")] DateTimeOffset Since,
    [property: JsonPropertyName("until")] DateTimeOffset Until,
    [property: JsonPropertyName("concerns")] string Concerns = "destination");

/// <summary>A limit: calls in use per window, and for long windows how many are used.</summary>
internal sealed record LimitJson(
    [property: JsonPropertyName("limit")] string Limit,
    [property: JsonPropertyName("calls")] int Calls,
    [property: JsonPropertyName("window_seconds")] int WindowSeconds,
    [property: JsonPropertyName("used")] long? Used,
    [property: JsonPropertyName("resets_at")] DateTimeOffset? ResetsAt);

/// <summary>Pending deliveries of a lane.</summary>
internal sealed record BacklogJson(
    [property: JsonPropertyName("lane")] string Lane,
    [property: JsonPropertyName("pending")] long Pending,
    [property: JsonPropertyName("oldest")] DateTimeOffset Oldest);

/// <summary>When a lane will be done, and the share of the day's calls used then; null while the destination does not answer, for nobody knows when it will.</summary>
internal sealed record ForecastJson(
    [property: JsonPropertyName("lane")] string Lane,
    [property: JsonPropertyName("calls")] long Calls,
    [property: JsonPropertyName("done_at")] DateTimeOffset? DoneAt,
    [property: JsonPropertyName("daily_used_at_end")] double? DailyUsedAtEnd);
