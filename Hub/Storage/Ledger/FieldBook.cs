using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Storage.Ledger;

/// <summary>The book of what facts hold, field by field: two statements, however many facts they are about. No value of a person stands in it.</summary>
public static class FieldBook
{
    /// <summary>How long the counts of a day are kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(35);

    /// <summary>Most values of a field that are told apart; a field that has more has not few.</summary>
    public const int MostValues = 100;

    /// <summary>Adds counts, and forgets those that are too old.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="fields">Counts of fields; one and day once.</param>
    /// <param name="values">Counts of values; one once.</param>
    /// <param name="now">The hub's time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task AddAsync(HubDbContext db, IEnumerable<FieldCount> fields, IEnumerable<ValueCount> values, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var isPostgres = db.Database.IsNpgsql();
        foreach (var day in fields.GroupBy(count => count.Day))
        {
            await session.ExecuteAsync(
                $"""
                INSERT INTO fact_fields (day, event_type, producer, path, facts, present)
                SELECT @day, {CountRows.Of(isPostgres, ["event_type", "producer", "path"], ["facts", "present"])} WHERE true ORDER BY 2, 3, 4
                ON CONFLICT (day, event_type, producer, path) DO UPDATE SET facts = fact_fields.facts + excluded.facts, present = fact_fields.present + excluded.present
                """,
                cancellationToken,
                ("day", day.Key),
                ("rows", JsonSerializer.Serialize(day.Select(count => new { event_type = count.EventType, producer = count.Producer, path = count.Path, facts = count.Facts, present = count.Present }))));
        }

        await session.ExecuteAsync(
            $"""
            WITH came AS (SELECT {CountRows.Of(isPostgres, ["event_type", "producer", "path", "value"], ["facts"])})
            INSERT INTO fact_values (event_type, producer, path, value, facts, first_at, last_at)
            SELECT c.event_type, c.producer, c.path, c.value, c.facts, @now, @now FROM came c
            WHERE EXISTS (SELECT 1 FROM fact_values v WHERE v.event_type = c.event_type AND v.producer = c.producer AND v.path = c.path AND v.value = c.value)
               OR (SELECT count(*) FROM fact_values v WHERE v.event_type = c.event_type AND v.producer = c.producer AND v.path = c.path) < {MostValues}
            ORDER BY 1, 2, 3, 4
            ON CONFLICT (event_type, producer, path, value) DO UPDATE SET facts = fact_values.facts + excluded.facts, last_at = excluded.last_at
            """,
            cancellationToken,
            ("now", now),
            ("rows", JsonSerializer.Serialize(values.Select(count => new { event_type = count.EventType, producer = count.Producer, path = count.Path, value = count.Value, facts = count.Facts }))));
        await session.ExecuteAsync("DELETE FROM fact_fields WHERE day < @before", cancellationToken, ("before", now - Kept));
    }

    /// <summary>Counts of the fields of a type.</summary>
    /// <param name="db">Context.</param>
    /// <param name="eventType">The type.</param>
    /// <param name="since">From this day on.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<IReadOnlyList<FieldCount>> FieldsAsync(HubDbContext db, string eventType, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            "SELECT producer, path, day, facts, present FROM fact_fields WHERE day >= @since AND event_type = @type",
            reader => new FieldCount(eventType, reader.GetString(0), reader.GetString(1), reader.Time(2), reader.GetInt64(3), reader.GetInt64(4)),
            cancellationToken,
            ("since", since), ("type", eventType));
    }

    /// <summary>Values of the fields of a type that have few.</summary>
    /// <param name="db">Context.</param>
    /// <param name="eventType">The type.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<IReadOnlyList<ValueCount>> ValuesAsync(HubDbContext db, string eventType, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            "SELECT producer, path, value, facts, first_at, last_at FROM fact_values WHERE event_type = @type",
            reader => new ValueCount(eventType, reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(3), reader.Time(4), reader.Time(5)),
            cancellationToken,
            ("type", eventType));
    }

    /// <summary>How many facts of a type came in, hour by hour.</summary>
    /// <param name="db">Context.</param>
    /// <param name="eventType">The type.</param>
    /// <param name="since">From this hour on.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<IReadOnlyList<HourCount>> HoursAsync(HubDbContext db, string eventType, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            "SELECT producer, hour, facts + quarantined FROM fact_volumes WHERE hour >= @since AND event_type = @type",
            reader => new HourCount(reader.GetString(0), reader.Time(1), reader.GetInt64(2)),
            cancellationToken,
            ("since", since), ("type", eventType));
    }
}
