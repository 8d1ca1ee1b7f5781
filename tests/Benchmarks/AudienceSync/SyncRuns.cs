using IntegrationHub.TestServers;
using Npgsql;

namespace IntegrationHub.Benchmarks.AudienceSync;

/// <summary>Snapshots and syncs of a production hub, asked for over HTTP and timed by the hub's own rows.</summary>
internal static class SyncRuns
{
    /// <summary>A production hub before the sandboxes; without quotas also without vendor jobs, so that every record takes the same way.</summary>
    public static Dictionary<string, string> Settings(HubProcess sandbox, PostgresDatabase database, RabbitMqVirtualHost broker, bool quotas) => new(Vendors(sandbox))
    {
        ["Hub__Bus"] = "RabbitMq",
        ["Hub__Database"] = "Postgres",
        ["Hub__ConnectionString"] = database.ConnectionString,
        ["Hub__RabbitMq"] = broker.Uri.ToString(),
        ["Hub__LogLevel"] = "Warning",
        ["Hub__Delivery__Quotas"] = quotas ? "true" : "false",
        ["Hub__Delivery__Bulk"] = "false",
    };

    /// <summary>The sandboxes as the vendors of a hub.</summary>
    public static Dictionary<string, string> Vendors(HubProcess sandbox) => new()
    {
        ["Hub__Destinations__braze__BaseUrl"] = $"http://127.0.0.1:{sandbox.Port}/braze",
        ["Hub__Destinations__hubspot__BaseUrl"] = $"http://127.0.0.1:{sandbox.Port}/hubspot",
        ["Hub__Destinations__marketo__BaseUrl"] = $"http://127.0.0.1:{sandbox.Port}/marketo",
        ["BRAZE_API_KEY"] = "sandbox-braze-api-key",
        ["HUBSPOT_ACCESS_TOKEN"] = "sandbox-hubspot-access-token",
        ["MARKETO_CLIENT_ID"] = "sandbox-marketo-client-id",
        ["MARKETO_CLIENT_SECRET"] = "sandbox-marketo-client-secret",
    };

    public static async Task<Guid> LoadAsync(HubProcess hub, string kind, int first, int count, int version)
    {
        using var csv = new CustomerCsv(first, count, version);
        var (status, body) = await hub.PostCsvAsync($"/v1/audiences/customers/snapshots?kind={kind}", csv, "customers.csv");
        return (int)status == 201 ? body.GetProperty("snapshot_id").GetGuid() : throw new InvalidOperationException(body.ToString());
    }

    /// <summary>Starts a sync (to every destination when none is named) and waits for its runs.</summary>
    public static async Task<IReadOnlyList<RunTimes>> SyncAsync(HubProcess hub, PostgresDatabase database, Guid snapshotId, string mode, params string[] destinations) =>
        await WaitAsync(database, await StartAsync(hub, snapshotId, mode, destinations));

    /// <summary>Starts a sync and tells its runs.</summary>
    public static async Task<IReadOnlyList<Guid>> StartAsync(HubProcess hub, Guid snapshotId, string mode, params string[] destinations)
    {
        var (status, body) = await hub.PostAsync("/v1/audience-syncs", new { audience = "customers", mode, snapshot_id = snapshotId, destinations });
        return (int)status == 202
            ? [.. body.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("run_id").GetGuid())]
            : throw new InvalidOperationException(body.ToString());
    }

    /// <summary>Cancels what has not ended by itself meanwhile, and waits until all has.</summary>
    public static async Task CancelAsync(HubProcess hub, PostgresDatabase database, IReadOnlyList<Guid> runs)
    {
        foreach (var run in runs)
        {
            await hub.PostAsync($"/v1/runs/{run}/cancel", new { reason = "the benchmark is over" });
        }

        await UntilAsync(database, runs, "finished_at");
    }

    /// <summary>Waits until the runs have finished.</summary>
    public static async Task<IReadOnlyList<RunTimes>> WaitAsync(PostgresDatabase database, IReadOnlyList<Guid> runs)
    {
        await UntilAsync(database, runs, "finished_at");
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        return await ReadAsync(source, runs);
    }

    /// <summary>Waits until the runs have delivered; reading back may take a vendor's quota much longer than writing.</summary>
    public static async Task<IReadOnlyList<RunTimes>> WaitUntilDeliveredAsync(PostgresDatabase database, IReadOnlyList<Guid> runs)
    {
        await UntilAsync(database, runs, "delivered_at");
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        return await ReadAsync(source, runs);
    }

    /// <summary>Waits until the given time of the runs is set.</summary>
    public static async Task UntilAsync(PostgresDatabase database, IReadOnlyList<Guid> runs, string time)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await AreSetAsync())
        {
            await timer.WaitForNextTickAsync();
        }

        async Task<bool> AreSetAsync()
        {
            await using var command = source.CreateCommand($"SELECT count(*) FROM audience_syncs WHERE correlation_id = ANY($1) AND {time} IS NOT NULL");
            command.Parameters.Add(new NpgsqlParameter { Value = runs.ToArray() });
            return (long)(await command.ExecuteScalarAsync())! == runs.Count;
        }
    }

    /// <summary>Rows inserted, updated and deleted in the database so far.</summary>
    public static async Task<long> RowsWrittenAsync(PostgresDatabase database)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand("SELECT tup_inserted + tup_updated + tup_deleted FROM pg_stat_database WHERE datname = current_database()");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<List<RunTimes>> ReadAsync(NpgsqlDataSource source, IReadOnlyList<Guid> runs)
    {
        await using var command = source.CreateCommand(
            """
            SELECT s.requested_at, s.planned_at, s.delivering_at, s.delivered_at, coalesce(s.finished_at, s.delivered_at), s.current_state,
                   COALESCE((SELECT sum(t.count) FROM run_tallies t WHERE t.run_id = s.correlation_id AND t.outcome = 'delivered'), 0)
            FROM audience_syncs s WHERE s.correlation_id = ANY($1) AND s.delivered_at IS NOT NULL
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = runs.ToArray() });
        await using var reader = await command.ExecuteReaderAsync();
        var times = new List<RunTimes>();
        while (await reader.ReadAsync())
        {
            if (reader.GetString(5) is "Failed" or "Canceled")
            {
                throw new InvalidOperationException($"A run ended {reader.GetString(5)}.");
            }

            times.Add(new RunTimes(
                reader.GetFieldValue<DateTimeOffset>(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetFieldValue<DateTimeOffset>(2),
                reader.GetFieldValue<DateTimeOffset>(3), reader.GetFieldValue<DateTimeOffset>(4), (long)reader.GetDecimal(6)));
        }

        return times;
    }
}

/// <summary>The times of one run, and what it delivered.</summary>
internal sealed record RunTimes(
    DateTimeOffset RequestedAt, DateTimeOffset PlannedAt, DateTimeOffset DeliveringAt, DateTimeOffset DeliveredAt, DateTimeOffset FinishedAt, long Delivered);
