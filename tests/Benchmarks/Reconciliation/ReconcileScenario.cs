using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.TestServers;
using Npgsql;

namespace IntegrationHub.Benchmarks.Reconciliation;

/// <summary>
/// N members stand at a vendor's sandbox in production mode and are compared whole once. Somebody else then removes some, deletes some, changes a field of some, merges some into others and
/// adds strangers, over the vendor's own HTTP. One reconciliation, which may take a hundredth of the day (<see cref="IOtherHands.CallsPerDay"/>; at fewer than a million members three times as much as that in
/// proportion, or as little as the vendor's pages allow), has to find them all and nobody else and heal them; the next one has to find nothing.
/// </summary>
internal sealed class ReconcileScenario(IOtherHands others, int members, int planted, string fields, int settle, bool marks)
{
    private const int Million = 1_000_000;

    private double Share => members >= Million ? 0.01 : Math.Max(others.LeastShare, 0.03 * members / Million);

    public static Task<JsonObject> RunAsync(ScenarioOptions options)
    {
        var members = options.Number("members", 20_000);
        IOtherHands others = options.Text("vendor", HubSpotHands.Vendor) switch
        {
            HubSpotHands.Vendor => new HubSpotHands(),
            MarketoHands.Vendor => new MarketoHands(),
            var vendor => throw new ArgumentException($"--vendor {vendor}: somebody else works at {HubSpotHands.Vendor} or {MarketoHands.Vendor}."),
        };
        return new ReconcileScenario(
            others, members, options.Number("planted", Math.Min(1_000, members / 100)), options.Text("fields", "whole"), options.Number("settle", others.Settles), options.Text("first", "whole") == "marks").MeasureAsync();
    }

    private async Task<JsonObject> MeasureAsync()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync();
        var config = ConfigFolder();
        try
        {
            var settings = SyncRuns.Settings(sandbox, database, broker, quotas: false);
            settings["Hub__ConfigPath"] = config.FullName;
            Allow(config, 1);
            await using var hub = await HubProcess.ServeAsync(settings);
            ScenarioOptions.Progress($"{members} members go to {others.Destination}");
            var snapshot = await SyncRuns.LoadAsync(hub, "full", 0, members, 0);
            var loaded = Stopwatch.GetTimestamp();
            var synced = (await SyncRuns.SyncAsync(hub, database, snapshot, "full", others.Destination))[0];
            var syncSeconds = Stopwatch.GetElapsedTime(loaded).TotalSeconds;
            var (first, secondsFirst) = marks ? await MarkAsync(database) : await CompareFirstAsync(hub, synced.DeliveredAt);

            await hub.StopAsync();
            Allow(config, Share);
            await NextDayAsync(database);
            await hub.StartAsync();
            ScenarioOptions.Progress($"{planted} differences of each kind are planted");
            await others.PlantAsync(sandbox, await RemoteIdsAsync(database, 4 * planted), planted);
            await UntilAsync(TimeProvider.System.GetUtcNow() + others.ShownAfter);
            var before = ProcessMemory.ResidentMb(hub.Id);
            var (compared, seconds) = await ReconcileAsync(hub, "all");
            var peak = ProcessMemory.PeakMb(hub.Id);
            var misses = Misses(compared);
            await NextDayAsync(database);
            var (again, secondsAgain) = await ReconcileAsync(hub, "report");
            return new JsonObject
            {
                ["vendor"] = others.Destination,
                ["members"] = members,
                ["planted_of_each_kind"] = planted,
                ["is_right"] = first.GetProperty("causes").GetArrayLength() == 0 && misses.Count == 0 && again.GetProperty("causes").GetArrayLength() == 0,
                ["not_as_planted"] = new JsonArray([.. misses.Select(miss => (JsonNode)miss)]),
                ["found_before_planting"] = JsonNode.Parse(first.GetProperty("causes").GetRawText()),
                ["found"] = JsonNode.Parse(compared.GetProperty("causes").GetRawText()),
                ["found_after_healing"] = JsonNode.Parse(again.GetProperty("causes").GetRawText()),
                ["state"] = compared.GetProperty("state").GetString(),
                ["seconds_to_deliver_all"] = syncSeconds,
                ["seconds_of_the_first_whole_comparison"] = secondsFirst,
                ["seconds"] = seconds,
                ["seconds_when_nothing_differs"] = secondsAgain,
                ["calls_of_the_first_whole_comparison"] = Calls(first),
                ["calls"] = Calls(compared),
                ["calls_when_nothing_differs"] = Calls(again),
                ["share_allowed"] = Share,
                ["share_of_day_of_the_first_whole_comparison"] = Calls(first) / (double)others.CallsPerDay,
                ["share_of_day"] = Calls(compared) / (double)others.CallsPerDay,
                ["share_of_day_when_nothing_differs"] = Calls(again) / (double)others.CallsPerDay,
                ["fields"] = JsonNode.Parse(compared.GetProperty("fields").GetRawText()),
                ["hub_memory_before_mb"] = before,
                ["hub_memory_peak_mb"] = peak,
            };
        }
        finally
        {
            config.Delete(recursive: true);
        }
    }

    /// <summary>The first comparison, when the vendor would not show any more what the hub wrote as changed since.</summary>
    private async Task<(JsonElement Run, double Seconds)> CompareFirstAsync(HubProcess hub, DateTimeOffset delivered)
    {
        ScenarioOptions.Progress($"waiting {settle} s, as long as {others.Destination} may not show what was changed");
        await UntilAsync(delivered + TimeSpan.FromSeconds(settle));
        return await ReconcileAsync(hub, "report");
    }

    /// <summary>What the first comparison would leave, written at once.</summary>
    private async Task<(JsonElement Run, double Seconds)> MarkAsync(PostgresDatabase database)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand(
            $"UPDATE destination_profiles SET read_hash = content_hash, read_as = remote_id WHERE destination = '{others.Destination}'; INSERT INTO field_marks VALUES ('{others.Destination}', now())");
        await command.ExecuteNonQueryAsync();
        return (JsonDocument.Parse("""{"causes":[],"calls":0}""").RootElement, 0);
    }

    private static long Calls(JsonElement run) => run.GetProperty("calls").GetInt64();

    /// <summary>What was found otherwise than it was planted. With a sample, changed fields are found of a part of those who have them.</summary>
    private List<string> Misses(JsonElement run)
    {
        var found = run.GetProperty("causes").EnumerateArray().ToDictionary(
            cause => $"{cause.GetProperty("kind").GetString()} {cause.GetProperty("cause").GetString()}", cause => cause.GetProperty("count").GetInt64(), StringComparer.Ordinal);
        var expected = new Dictionary<string, long>(StringComparer.Ordinal)
        {
            ["missing removed_there"] = planted, ["missing deleted_there"] = planted, ["unexpected owned_by_others"] = planted, ["different merged_there"] = planted, ["different changed_there"] = planted,
        };
        return
        [
            .. expected.Keys.Union(found.Keys).Where(kind => fields == "whole" || kind != "different changed_there")
                .Where(kind => found.GetValueOrDefault(kind) != expected.GetValueOrDefault(kind)).Select(kind => FormattableString.Invariant($"{kind}: {found.GetValueOrDefault(kind)} of {expected.GetValueOrDefault(kind)}")),
        ];
    }

    private static DirectoryInfo ConfigFolder()
    {
        var folder = Directory.CreateTempSubdirectory("hub-reconcile-");
        var samples = Path.Combine(AppContext.BaseDirectory, "Samples", "config");
        foreach (var file in Directory.EnumerateFiles(samples, "*.yaml", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder.FullName, Path.GetRelativePath(samples, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        // Whoever heals so many in a small audience removes more of it than the guardrail of the sample allows.
        var customers = Path.Combine(folder.FullName, "audiences", "customers.yaml");
        File.WriteAllText(customers, File.ReadAllText(customers).Replace("max_removal_share: 0.2", "max_removal_share: 1", StringComparison.Ordinal));
        return folder;
    }

    /// <summary>Writes how much of the day a comparison may take.</summary>
    private void Allow(DirectoryInfo config, double share)
    {
        var sample = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Samples", "config", "destinations", $"{others.Destination}.yaml"));
        File.WriteAllText(Path.Combine(config.FullName, "destinations", $"{others.Destination}.yaml"), FormattableString.Invariant($"{sample}\nreconcile: {{ fields: {fields}, read_back_share: {share} }}\n"));
    }

    /// <summary>A day passes for the budget.</summary>
    private static async Task NextDayAsync(PostgresDatabase database)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand("DELETE FROM read_back_days");
        await command.ExecuteNonQueryAsync();
    }

    private static async Task UntilAsync(DateTimeOffset time)
    {
        if (time - TimeProvider.System.GetUtcNow() is { } left && left > TimeSpan.Zero)
        {
            using var timer = new PeriodicTimer(left);
            await timer.WaitForNextTickAsync();
        }
    }

    private async Task<string[]> RemoteIdsAsync(PostgresDatabase database, int count)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand(
            $"SELECT d.remote_id FROM destination_members m JOIN destination_profiles d USING (destination, profile_id) WHERE m.destination = '{others.Destination}' AND m.is_member ORDER BY md5(d.remote_id) LIMIT $1");
        command.Parameters.Add(new NpgsqlParameter { Value = count });
        await using var reader = await command.ExecuteReaderAsync();
        var ids = new List<string>(count);
        while (await reader.ReadAsync())
        {
            ids.Add(reader.GetString(0));
        }

        return [.. ids];
    }

    private async Task<(JsonElement Run, double Seconds)> ReconcileAsync(HubProcess hub, string heal)
    {
        ScenarioOptions.Progress($"comparing, heal {heal}");
        var (status, started) = await hub.PostAsync("/v1/reconciliations", new { audience = "customers", destinations = new[] { others.Destination }, heal, reason = "as compared" });
        if ((int)status != 202)
        {
            throw new InvalidOperationException(started.ToString());
        }

        var runId = started.GetProperty("runs")[0].GetProperty("run_id").GetGuid();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var run = await hub.Http.GetFromJsonAsync<JsonElement>($"/v1/reconciliations/{runId}");
            if (run.GetProperty("finished_at").ValueKind == JsonValueKind.String)
            {
                return (run, (run.GetProperty("finished_at").GetDateTimeOffset() - run.GetProperty("requested_at").GetDateTimeOffset()).TotalSeconds);
            }

            await timer.WaitForNextTickAsync();
        }
    }
}
