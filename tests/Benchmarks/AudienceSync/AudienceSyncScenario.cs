using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.AudienceSync;

/// <summary>
/// N made-up customers reach three vendors in production mode: one hub process, one sandbox process (quotas off), real RabbitMQ and PostgreSQL, everything
/// on this machine. In the same run the floor: the same requests, recorded before, sent from memory by a bare HttpClient loop.
/// </summary>
internal sealed class AudienceSyncScenario(int members, int delta)
{
    /// <summary>So many deltas are measured; the first pays for compiling, and a vacuum of what the full run left may go on beside one or another.</summary>
    private const int Deltas = 7;

    private static readonly JsonSerializerOptions _snakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static async Task<JsonObject> RunAsync(ScenarioOptions options) =>
        (JsonObject)JsonSerializer.SerializeToNode(await new AudienceSyncScenario(options.Number("members", 20_000), options.Number("delta", 1_000)).MeasureAsync(), _snakeCase)!;

    private async Task<AudienceSyncNumbers> MeasureAsync()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        var ceilings = await Ceilings.MeasureAsync(database.ConnectionString, broker.Uri);
        await using var sandbox = await HubProcess.SandboxAsync();
        var (plainFloor, floor) = await RequestFloor.MeasureAsync(sandbox, Math.Min(members, RequestFloor.MostMembers));
        await using var hub = await HubProcess.ServeAsync(SyncRuns.Settings(sandbox, database, broker, quotas: false));
        Console.Error.WriteLine($"loading a snapshot of {members} members");
        var loading = Stopwatch.GetTimestamp();
        var snapshotId = await SyncRuns.LoadAsync(hub, "full", 0, members, 0);
        var loaded = Stopwatch.GetElapsedTime(loading);
        var idle = ProcessMemory.ResidentMb(hub.Id);
        var written = await SyncRuns.RowsWrittenAsync(database);
        var full = await SyncRuns.SyncAsync(hub, database, snapshotId, "full");
        written = await SyncRuns.RowsWrittenAsync(database) - written;
        var peak = ProcessMemory.PeakMb(hub.Id);
        var deltas = new List<(double Seconds, long Delivered)>();
        for (var version = 1; version <= Deltas; version++)
        {
            Console.Error.WriteLine($"a delta of {delta}, {version} of {Deltas}");
            var deltaSnapshot = await SyncRuns.LoadAsync(hub, "delta", members / 2, Math.Min(delta, members / 2), version);
            var change = await SyncRuns.SyncAsync(hub, database, deltaSnapshot, "delta");
            deltas.Add(((change.Max(run => run.FinishedAt) - change.Min(run => run.RequestedAt)).TotalSeconds, change.Sum(run => run.Delivered)));
        }

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
            FloorOneRequestAtATimeOperationsPerSecond = plainFloor,
            FloorOperationsPerSecond = floor,
            DeliverShareOfFloorOneRequestAtATime = operations / sending.TotalSeconds / plainFloor,
            DeliverShareOfFloor = operations / sending.TotalSeconds / floor,
            RowsWrittenPerOperation = (double)written / operations,
            RowsWrittenPerSecond = written / whole.TotalSeconds,
            Ceilings = ceilings,
            StageShares = Shares(full),
            HubMemoryBeforeMb = idle,
            HubMemoryPeakMb = peak,
            DeltaMembers = delta,
            DeltaSeconds = deltas.Select(change => change.Seconds).Order().ElementAt(Deltas / 2),
            DeltaSecondsOfEach = [.. deltas.Select(change => change.Seconds)],
            DeltaDelivered = deltas.Sum(change => change.Delivered),
        };
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
}
