using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>The limits of one destination: the connector's documented ones, as the configuration changes them.</summary>
internal sealed record QuotaLimits
{
    /// <summary>Name of the limit of calls at one time; it is none of the descriptor's.</summary>
    public const string Concurrency = DestinationConfiguration.Concurrency;

    private static readonly TimeSpan ShortestBudget = TimeSpan.FromMinutes(10);

    /// <summary>Every limit but that of concurrency.</summary>
    public required IReadOnlyList<RateLimit> Rates { get; init; }

    /// <summary>Calls at one time, over all instances.</summary>
    public required int MaxConcurrency { get; init; }

    /// <summary>Limits whose number stands in the configuration: headers may lower them, not raise them.</summary>
    public IReadOnlySet<string> Fixed { get; init; } = new HashSet<string>();

    /// <summary>Share of a budget's calls after which a lane is refused, by lane.</summary>
    public IReadOnlyDictionary<string, double> DayShares { get; init; } = DefaultDayShares;

    /// <summary>What is kept for the lanes before when the configuration says nothing.</summary>
    public static IReadOnlyDictionary<string, double> DefaultDayShares { get; } = new Dictionary<string, double>
    {
        [Lane.Urgent] = 1, [Lane.Live] = 0.99, [Lane.Bulk] = 0.95, [Lane.Replay] = 0.9, [Lane.Backfill] = 0.8,
    };

    /// <summary>Share of the pace of every limit, and of the calls at one time, that the lane of backfills may use, above 0 to 1: the rest stays free for whatever else comes up.</summary>
    public double BackfillShare { get; init; } = 1;

    /// <summary>The share of the pace that a lane may use.</summary>
    public double PaceShareOf(string lane) => lane == Lane.Backfill ? BackfillShare : 1;

    /// <summary>
    /// Share of a budget's calls that live work may make itself. Changes that never end would otherwise use up every day before the night's runs begin.
    /// </summary>
    public const double OwnShareOfLive = 0.85;

    /// <summary>How much of a budget a lane may use.</summary>
    public PeriodShare ShareOf(string lane) => new(lane, DayShares.GetValueOrDefault(lane, 1), lane == Lane.Live ? OwnShareOfLive : 1);

    /// <summary>Midnight of the account.</summary>
    public required TimeZoneInfo AccountZone { get; init; }

    /// <summary>The limits as documented, with what the configuration says instead.</summary>
    /// <param name="descriptor">The connector.</param>
    /// <param name="calls">Calls by name of the limit, from the configuration.</param>
    /// <param name="dayShares">Shares by lane, from the configuration.</param>
    /// <param name="accountZone">Time zone of the account from the configuration, or null for the vendor's.</param>
    /// <param name="scale">Factor on every number of calls; for sandboxes.</param>
    public static QuotaLimits For(
        ConnectorDescriptor descriptor,
        IReadOnlyDictionary<string, int> calls,
        IReadOnlyDictionary<string, double> dayShares,
        TimeZoneInfo? accountZone = null,
        double scale = 1)
    {
        var day = descriptor.RateLimits.FirstOrDefault(limit => limit.Kind == RateWindow.Day);
        return new QuotaLimits
        {
            Rates = [.. descriptor.RateLimits.Select(limit => limit with { Calls = calls.TryGetValue(limit.Name, out var configured) ? configured : Scaled(limit.Calls, scale) })],
            MaxConcurrency = calls.TryGetValue(Concurrency, out var concurrency) ? concurrency : descriptor.MaxConcurrency,
            Fixed = calls.Keys.ToHashSet(StringComparer.Ordinal),
            DayShares = new Dictionary<string, double>(DefaultDayShares.Select(share => KeyValuePair.Create(share.Key, dayShares.GetValueOrDefault(share.Key, share.Value)))),
            AccountZone = accountZone ?? (day is not null && TimeZoneInfo.TryFindSystemTimeZoneById(day.ResetZone, out var zone) ? zone : TimeZoneInfo.Utc),
        };
    }

    /// <summary>
    /// True for limits of a day, and of fixed windows so long that waiting for their end would hold work and its lease: when they are
    /// used up, calls are refused until the window turns.
    /// </summary>
    public static bool IsBudget(RateLimit limit) =>
        limit.Kind == RateWindow.Day || (limit.Kind == RateWindow.Fixed && limit.Window >= ShortestBudget);

    /// <summary>The limit, or null when none has the name.</summary>
    public RateLimit? Find(string name) => Rates.FirstOrDefault(limit => limit.Name == name);

    /// <summary>Window of a limit; zero for that of concurrency.</summary>
    public TimeSpan WindowOf(string name) => Find(name)?.Window ?? TimeSpan.Zero;

    /// <summary>The period of a budget that a time falls into.</summary>
    public (DateTimeOffset Start, DateTimeOffset End) PeriodAt(RateLimit limit, DateTimeOffset now)
    {
        if (limit.Kind != RateWindow.Day)
        {
            var start = now.UtcTicks - (now.UtcTicks % limit.Window.Ticks);
            return (new DateTimeOffset(start, TimeSpan.Zero), new DateTimeOffset(start + limit.Window.Ticks, TimeSpan.Zero));
        }

        var day = TimeZoneInfo.ConvertTime(now, AccountZone).Date;
        return (Midnight(day), Midnight(day.AddDays(1)));
    }

    private DateTimeOffset Midnight(DateTime day)
    {
        // A midnight that the start of summer time skips does not exist; the day then begins an hour later.
        var local = DateTime.SpecifyKind(AccountZone.IsInvalidTime(day) ? day.AddHours(1) : day, DateTimeKind.Unspecified);
        return new DateTimeOffset(local, AccountZone.GetUtcOffset(local)).ToUniversalTime();
    }

    private static int Scaled(int calls, double scale) => (int)Math.Clamp(calls * scale, 1, int.MaxValue);
}
