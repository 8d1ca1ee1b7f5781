using System.Collections.Concurrent;
using System.Text.Json;
using IntegrationHub.Storage.Paging;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Storage.Ledger;

/// <summary>
/// The book of what came in: facts by hour, type and producer, and violations of contracts by kind. One statement each per batch; the log is not read for it. A
/// producer that invents names without end fills no table: from so many on they are counted together.
/// </summary>
public sealed class FactBook
{
    /// <summary>Stands for what is counted together.</summary>
    public const string Others = "?";

    private const int MostProducers = 1_000;
    private const int MostViolations = 5_000;

    private readonly ConcurrentDictionary<(string, string), bool> _producers = new();
    private readonly ConcurrentDictionary<(string, string, string, string, string), bool> _violations = new();

    /// <summary>Counts, in the caller's transaction.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="volumes">What came in; a type and producer once.</param>
    /// <param name="violations">One for each fact and field.</param>
    /// <param name="now">The hub's time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task CountAsync(HubDbContext db, IEnumerable<FactVolume> volumes, IEnumerable<Violation> violations, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var isPostgres = db.Database.IsNpgsql();
        var came = volumes.GroupBy(volume => Bounded(_producers, (volume.EventType, volume.Producer), MostProducers) ? (volume.EventType, volume.Producer) : (volume.EventType, Producer: Others))
            .Select(same => new { event_type = same.Key.EventType, producer = same.Key.Producer, facts = same.Sum(volume => volume.Facts), quarantined = same.Sum(volume => volume.Quarantined) }).ToList();
        if (came.Count > 0)
        {
            await session.ExecuteAsync(
                $"""
                INSERT INTO fact_volumes (hour, last_at, event_type, producer, facts, quarantined)
                SELECT @hour, @now, {CountRows.Of(isPostgres, ["event_type", "producer"], ["facts", "quarantined"])} WHERE true ORDER BY 3, 4
                ON CONFLICT (hour, event_type, producer) DO UPDATE SET
                    facts = fact_volumes.facts + excluded.facts, quarantined = fact_volumes.quarantined + excluded.quarantined, last_at = excluded.last_at
                """,
                cancellationToken,
                ("hour", new DateTimeOffset(now.UtcTicks - now.UtcTicks % TimeSpan.TicksPerHour, TimeSpan.Zero)), ("now", now), ("rows", JsonSerializer.Serialize(came)));
        }

        var violated = violations.Select(Known).GroupBy(violation => (violation.Type, violation.EventType, violation.Name, violation.Path, violation.Producer)).Select(same => new
        {
            type = same.Key.Type, event_type = same.Key.EventType, name = same.Key.Name, path = same.Key.Path, producer = same.Key.Producer,
            action = same.Last().Action, expected = same.Last().Expected, found = same.Last().Found, sample_event_id = same.Last().SampleEventId, count = same.LongCount(),
        }).ToList();
        if (violated.Count > 0)
        {
            await session.ExecuteAsync(
                $"""
                INSERT INTO violations (first_at, last_at, type, event_type, name, path, producer, action, expected, found, sample_event_id, count)
                SELECT @now, @now, {CountRows.Of(isPostgres, ["type", "event_type", "name", "path", "producer", "action", "expected", "found", "sample_event_id"], ["count"])} WHERE true ORDER BY 3, 4, 5, 6, 7
                ON CONFLICT (type, event_type, name, path, producer) DO UPDATE SET
                    count = violations.count + excluded.count, last_at = excluded.last_at, action = excluded.action,
                    expected = excluded.expected, found = excluded.found, sample_event_id = excluded.sample_event_id
                """,
                cancellationToken,
                ("now", now), ("rows", JsonSerializer.Serialize(violated)));
        }
    }

    /// <summary>Violations, those that came last first.</summary>
    /// <param name="db">Context.</param>
    /// <param name="eventType">Only of this type; of all when null.</param>
    /// <param name="producer">Only of this producer; of all when null.</param>
    /// <param name="ask">Which page.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<Page<ViolationTally>> ViolationsAsync(HubDbContext db, string? eventType, string? producer, PageAsk ask, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ask);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await new PageSql(
            "type, event_type, name, path, producer, action, expected, found, sample_event_id, count, first_at, last_at", "violations",
            [("last_at", PlaceKind.Time), ("type", PlaceKind.Text), ("event_type", PlaceKind.Text), ("name", PlaceKind.Text), ("path", PlaceKind.Text), ("producer", PlaceKind.Text)],
            isDescending: true)
            .Where("event_type = @event_type", "event_type", eventType)
            .Where("producer = @producer", "producer", producer)
            .ReadAsync(
                session, ask,
                reader => new ViolationTally(
                    new Violation(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4))
                    {
                        Action = reader.GetString(5), Expected = reader.TextOrNull(6), Found = reader.TextOrNull(7), SampleEventId = reader.TextOrNull(8),
                    },
                    reader.GetInt64(9), reader.Time(10), reader.Time(11)),
                cancellationToken);
    }

    /// <summary>What every producer stated of every type.</summary>
    /// <param name="db">Context.</param>
    /// <param name="now">The hub's time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<IReadOnlyList<ProducerVolume>> VolumesAsync(HubDbContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            """
            SELECT event_type, producer, CAST(sum(CASE WHEN hour > @yesterday THEN facts ELSE 0 END) AS bigint), CAST(sum(facts) AS bigint), CAST(sum(quarantined) AS bigint), max(last_at)
            FROM fact_volumes GROUP BY event_type, producer ORDER BY event_type, producer
            """,
            reader => new ProducerVolume(reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.Time(5)),
            cancellationToken,
            ("yesterday", now.AddDays(-1)));
    }

    private Violation Known(Violation violation) => Bounded(_violations, (violation.Type, violation.EventType, violation.Name, violation.Path, violation.Producer), MostViolations)
        ? violation
        : violation with { EventType = Others, Name = "", Path = Others, Producer = Others, Expected = null, Found = null };

    private static bool Bounded<TKey>(ConcurrentDictionary<TKey, bool> known, TKey key, int most)
        where TKey : notnull => known.ContainsKey(key) || (known.Count < most && known.TryAdd(key, true)) || known.ContainsKey(key);
}
