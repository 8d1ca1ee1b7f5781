using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.TestServers;
using Npgsql;

namespace IntegrationHub.Benchmarks.AudienceSync;

/// <summary>
/// N made-up customers reach three vendors in production mode: one hub process, one sandbox process (quotas off), real RabbitMQ and PostgreSQL, everything
/// on this machine. In the same run the floor: the same requests, recorded before, sent from memory by a bare HttpClient loop.
/// </summary>
internal sealed class AudienceSyncScenario(int members, int delta)
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(30);
    private static readonly JsonSerializerOptions _snakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static async Task<JsonObject> RunAsync(ScenarioOptions options) =>
        (JsonObject)JsonSerializer.SerializeToNode(await new AudienceSyncScenario(options.Number("members", 20_000), options.Number("delta", 1_000)).MeasureAsync(), _snakeCase)!;

    private async Task<AudienceSyncNumbers> MeasureAsync()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync();
        var floor = await RequestFloor.MeasureAsync(sandbox, Math.Min(members, RequestFloor.MostMembers));
        await using var hub = await HubProcess.ServeAsync(SandboxSettings(sandbox, database, broker));
        Console.Error.WriteLine($"loading a snapshot of {members} members");
        var loading = Stopwatch.GetTimestamp();
        var snapshotId = await LoadAsync(hub, "full", 0, members, 0);
        var loaded = Stopwatch.GetElapsedTime(loading);
        var idle = MemoryOf(hub.Id);
        var full = await SyncAsync(hub, database, snapshotId, "full");
        var peak = PeakMemoryOf(hub.Id);
        Console.Error.WriteLine($"a delta of {delta}");
        var deltaSnapshot = await LoadAsync(hub, "delta", members / 2, Math.Min(delta, members / 2), 1);
        var change = await SyncAsync(hub, database, deltaSnapshot, "delta");
        var operations = full.Sum(run => run.Delivered);
        var sending = full.Max(run => run.DeliveredAt) - full.Min(run => run.DeliveringAt);
        var whole = full.Max(run => run.FinishedAt) - full.Min(run => run.RequestedAt);
        return new AudienceSyncNumbers
        {
            Members = members,
            MemberOperations = operations,
            LoadRowsPerSecond = members / loaded.TotalSeconds,
            DeliverOperationsPerSecond = operations / sending.TotalSeconds,
            WholeRunOperationsPerSecond = operations / whole.TotalSeconds,
            FloorOperationsPerSecond = floor,
            DeliverShareOfFloor = operations / sending.TotalSeconds / floor,
            StageShares = Shares(full),
            HubMemoryBeforeMb = idle,
            HubMemoryPeakMb = peak,
            DeltaMembers = delta,
            DeltaSeconds = (change.Max(run => run.FinishedAt) - change.Min(run => run.RequestedAt)).TotalSeconds,
            DeltaDelivered = change.Sum(run => run.Delivered),
        };
    }

    private static Dictionary<string, string> SandboxSettings(HubProcess sandbox, PostgresDatabase database, RabbitMqVirtualHost broker) => new()
    {
        ["Hub__Bus"] = "RabbitMq",
        ["Hub__Database"] = "Postgres",
        ["Hub__ConnectionString"] = database.ConnectionString,
        ["Hub__RabbitMq"] = broker.Uri.ToString(),
        ["Hub__LogLevel"] = "Warning",
        ["Hub__Destinations__braze__BaseUrl"] = $"http://127.0.0.1:{sandbox.Port}/braze",
        ["Hub__Destinations__hubspot__BaseUrl"] = $"http://127.0.0.1:{sandbox.Port}/hubspot",
        ["Hub__Destinations__marketo__BaseUrl"] = $"http://127.0.0.1:{sandbox.Port}/marketo",
        ["BRAZE_API_KEY"] = "sandbox-braze-api-key",
        ["HUBSPOT_ACCESS_TOKEN"] = "sandbox-hubspot-access-token",
        ["MARKETO_CLIENT_ID"] = "sandbox-marketo-client-id",
        ["MARKETO_CLIENT_SECRET"] = "sandbox-marketo-client-secret",
    };

    private static async Task<Guid> LoadAsync(HubProcess hub, string kind, int first, int count, int version)
    {
        using var csv = new CustomerCsv(first, count, version);
        hub.Http.Timeout = _patience;
        var (status, body) = await hub.PostCsvAsync($"/v1/audiences/customers/snapshots?kind={kind}", csv, "customers.csv");
        return (int)status == 201 ? body.GetProperty("snapshot_id").GetGuid() : throw new InvalidOperationException(body.ToString());
    }

    private static async Task<IReadOnlyList<RunTimes>> SyncAsync(HubProcess hub, PostgresDatabase database, Guid snapshotId, string mode)
    {
        var (status, body) = await hub.PostAsync("/v1/audience-syncs", new { audience = "customers", mode, snapshot_id = snapshotId });
        if ((int)status != 202)
        {
            throw new InvalidOperationException(body.ToString());
        }

        var runs = body.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("run_id").GetGuid()).ToList();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await Poll.Until(async () => (await ReadAsync(source, runs)).Count == runs.Count, _patience, "the runs to finish");
        return await ReadAsync(source, runs);
    }

    private static async Task<List<RunTimes>> ReadAsync(NpgsqlDataSource source, IReadOnlyList<Guid> runs)
    {
        await using var command = source.CreateCommand(
            """
            SELECT s.requested_at, s.planned_at, s.delivering_at, s.delivered_at, s.finished_at, s.current_state,
                   COALESCE((SELECT sum(t.count) FROM run_tallies t WHERE t.run_id = s.correlation_id AND t.outcome = 'delivered'), 0)
            FROM audience_syncs s WHERE s.correlation_id = ANY($1) AND s.finished_at IS NOT NULL
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

    private static Dictionary<string, double> Shares(IReadOnlyList<RunTimes> runs)
    {
        var whole = runs.Sum(run => (run.FinishedAt - run.RequestedAt).TotalSeconds);
        return new Dictionary<string, double>
        {
            ["snapshot_and_plan"] = runs.Sum(run => (run.PlannedAt - run.RequestedAt).TotalSeconds) / whole,
            ["deliver"] = runs.Sum(run => (run.DeliveredAt - run.DeliveringAt).TotalSeconds) / whole,
            ["verify"] = runs.Sum(run => (run.FinishedAt - run.DeliveredAt).TotalSeconds) / whole,
        };
    }

    private static double MemoryOf(int process) => ReadMegabytes(process, "VmRSS:");

    private static double PeakMemoryOf(int process) => ReadMegabytes(process, "VmHWM:");

    private static double ReadMegabytes(int process, string field)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(text => text.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) / 1024.0;
    }

    private sealed record RunTimes(
        DateTimeOffset RequestedAt, DateTimeOffset PlannedAt, DateTimeOffset DeliveringAt, DateTimeOffset DeliveredAt, DateTimeOffset FinishedAt, long Delivered);
}
