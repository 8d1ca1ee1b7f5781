using System.Collections.Concurrent;
using IntegrationHub.Storage.Retention;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Storage.Postgres;

/// <summary>Makes and drops partitions on PostgreSQL, beside readers and writers: both are done by attaching and detaching, on a connection of their own.</summary>
internal sealed class PostgresPartitions(IServiceScopeFactory scopes) : ILogPartitions
{
    private static readonly TimeSpan _ahead = TimeSpan.FromDays(28);
    private static readonly TimeSpan _clocksApart = TimeSpan.FromDays(1); // what another instance's clock may be behind
    private readonly ConcurrentDictionary<string, bool> _made = new(StringComparer.Ordinal);

    public Task MakeAheadAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        MakeAsync([.. PartitionedTable.All.SelectMany(table => table.Between(now - _clocksApart, now + _ahead))], cancellationToken);

    /// <summary>Makes the partition of a time when nobody made it ahead. Costs nothing when this instance knows it.</summary>
    public Task CoverAsync(PartitionedTable table, DateTimeOffset at, CancellationToken cancellationToken) => MakeAsync([table.At(at)], cancellationToken);

    /// <summary>Something that was made is gone: the next who needs it looks.</summary>
    public void Forget() => _made.Clear();

    public async Task<long?> DropAsync(RetentionClass rows, DateTimeOffset before, int limit, CancellationToken cancellationToken)
    {
        if (PartitionedTable.Of(rows) is not { } table)
        {
            return null;
        }

        await using var scope = scopes.CreateAsyncScope();
        await using var session = await DbSession.OpenAsync(scope.ServiceProvider.GetRequiredService<HubDbContext>(), cancellationToken);
        if (await session.ScalarAsync("SELECT pg_try_advisory_lock(@key)", cancellationToken, ("key", (long)AdvisoryLock.Retention)) is not true)
        {
            return 0;
        }

        try
        {
            await DetachAsync(session, table, before, cancellationToken);
            Forget();
            return await DropDetachedAsync(session, table, limit, cancellationToken);
        }
        finally
        {
            await session.ExecuteAsync("SELECT pg_advisory_unlock(@key)", CancellationToken.None, ("key", (long)AdvisoryLock.Retention));
        }
    }

    private static async Task DetachAsync(DbSession session, PartitionedTable table, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var attached = await session.ReadAsync(
            """
            SELECT c.relname, i.inhdetachpending, clock_timestamp() FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = to_regclass(@table) ORDER BY c.relname
            """,
            reader => (Partition: table.Called(reader.GetString(0)), IsPending: reader.GetBoolean(1), Now: reader.Time(2)), cancellationToken, ("table", table.Name));
        foreach (var (partition, isPending, now) in attached)
        {
            if (partition is null || partition.To > before || partition.To > now)
            {
                continue; // what is not over by the database's own clock is needed, whatever the caller takes for the time
            }

            if (isPending)
            {
                await session.ExecuteAsync($"ALTER TABLE {table.Name} DETACH PARTITION {partition.Name} FINALIZE", cancellationToken);
            }
            else if (!table.HoldsFacts || !await IsSentFromAsync(session, partition, cancellationToken))
            {
                await session.ExecuteAsync($"ALTER TABLE {table.Name} DETACH PARTITION {partition.Name} CONCURRENTLY", cancellationToken);
            }
        }
    }

    private static async Task<bool> IsSentFromAsync(DbSession session, PartitionedTable.Partition partition, CancellationToken cancellationToken) =>
        await session.ScalarAsync(
            "SELECT 1 FROM deliveries WHERE fact_received_at >= @from AND fact_received_at < @to LIMIT 1", cancellationToken,
            ("from", partition.From), ("to", partition.To)) is not null;

    /// <summary>First nobody finds the facts any more, then their ids are forgotten: a fact that is seen is never one that could come in again.</summary>
    private static async Task<long> DropDetachedAsync(DbSession session, PartitionedTable table, int limit, CancellationToken cancellationToken)
    {
        var detached = await session.ReadAsync(
            """
            SELECT relname, CAST(greatest(reltuples, 0) AS bigint) FROM pg_class
            WHERE relnamespace = CAST(current_schema() AS regnamespace) AND relkind = 'r' AND NOT relispartition AND relname ~ @pattern ORDER BY relname
            """,
            reader => (Name: reader.GetString(0), Rows: reader.GetInt64(1)), cancellationToken, ("pattern", $"^{table.Name}_[0-9]{{8}}$"));
        var gone = 0L;
        foreach (var (name, rows) in detached)
        {
            gone += table.HoldsFacts ? await ForgetIdsAsync(session, name, limit, cancellationToken) : rows;
            await session.ExecuteAsync($"DROP TABLE {name}", cancellationToken);
        }

        return gone;
    }

    private static async Task<long> ForgetIdsAsync(DbSession session, string partition, int limit, CancellationToken cancellationToken)
    {
        var (gone, after) = (0L, long.MinValue);
        while (true)
        {
            var part = await session.ReadAsync(
                $"""
                WITH part AS MATERIALIZED (SELECT event_id, position FROM {partition} WHERE position > @after ORDER BY position LIMIT @limit),
                gone AS (DELETE FROM fact_ids i USING part p WHERE i.event_id = p.event_id RETURNING 1)
                SELECT (SELECT max(position) FROM part), (SELECT count(*) FROM gone)
                """,
                reader => (Last: reader.IsDBNull(0) ? null : (long?)reader.GetInt64(0), Gone: reader.GetInt64(1)), cancellationToken, ("after", after), ("limit", limit));
            if (part is not [{ Last: { } last } forgotten])
            {
                return gone;
            }

            (after, gone) = (last, gone + forgotten.Gone);
        }
    }

    private async Task MakeAsync(IReadOnlyList<PartitionedTable.Partition> wanted, CancellationToken cancellationToken)
    {
        var missing = wanted.Where(partition => !_made.ContainsKey(partition.Name)).ToList();
        if (missing.Count == 0)
        {
            return;
        }

        await using var scope = scopes.CreateAsyncScope();
        await using var session = await DbSession.OpenAsync(scope.ServiceProvider.GetRequiredService<HubDbContext>(), cancellationToken);
        await session.ExecuteAsync(
            "SELECT cover_partition(parent, from_at, to_at) FROM unnest(@parents, @froms, @tos) AS m(parent, from_at, to_at)", cancellationToken,
            ("parents", missing.Column(partition => partition.Table.Name)),
            ("froms", missing.Column(partition => partition.From)),
            ("tos", missing.Column(partition => partition.To)));
        foreach (var partition in missing)
        {
            _made[partition.Name] = true;
        }
    }
}
