using System.Text.Json;
using IntegrationHub.TestServers;
using Npgsql;

namespace EndToEnd.Tests;

/// <summary>Two hubs share a schedule of every second, and the hub's own jobs, on one PostgreSQL; one is killed. Each bell rings once, and what it started comes to its end.</summary>
[Parallelizable(ParallelScope.Self)]
public sealed class When_a_hub_is_killed_under_a_bell
{
    private const string Schedules = "schedules:\n  ever: { reconcile: customers, destinations: [hubspot], cron: \"* * * * * ?\", time_zone: UTC }\n";

    [Test]
    public async Task Should_be_rung_once_each_by_the_hub_that_is_left()
    {
        await using var database = await MigratedDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync();
        var folder = Directory.CreateTempSubdirectory("hub-bells-");
        try
        {
            var samples = Path.Combine(AppContext.BaseDirectory, "Samples", "config");
            foreach (var file in Directory.EnumerateFiles(samples, "*.yaml", SearchOption.AllDirectories))
            {
                var copy = Path.Combine(folder.FullName, Path.GetRelativePath(samples, file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
            }

            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "schedules.yaml"), Schedules);
            var settings = Settings.AtSandbox(sandbox).Production(database.ConnectionString, broker.Uri);
            settings["Hub__ConfigPath"] = folder.FullName;
            await using var one = await HubProcess.ServeAsync(settings);
            await using var other = await HubProcess.ServeAsync(settings);
            await Poll.Until(async () => (await BellsAsync(other)).Count >= 5, "both hubs to hear bells");

            await other.PostAsync("/v1/schedules/hub.audit/ring", new { });
            await one.KillAsync();
            var last = (await BellsAsync(other))[0].DueAt;
            await Poll.Until(async () => (await BellsAsync(other)).Count(bell => bell.DueAt > last) >= 5, "the hub that is left to ring");

            var bells = await BellsAsync(other);
            Assert.That(bells.Select(bell => bell.DueAt), Is.Unique);
            var started = bells.SelectMany(bell => bell.Runs).ToList();
            Assert.That(started, Is.Not.Empty.And.Unique, "a run belongs to one bell");
            Assert.That(bells.Select(bell => bell.Runs.Count), Has.All.LessThanOrEqualTo(1), "one destination, one run");
            var runs = await Poll.For(async () => await Job.FinishAsync(other, started), over => over.Count == started.Count, "what the bells started to be over");
            Assert.That(runs.Select(run => run.GetProperty("kind").GetString()), Has.All.EqualTo("reconciliation"));
            var known = (await other.GetAsync("/v1/runs?limit=500")).GetProperty("items").EnumerateArray().Select(run => run.GetProperty("run_id").GetGuid());
            Assert.That(known.Except(await StartedByBellsAsync(database.ConnectionString)), Is.Empty, "nothing runs that no bell started");
            foreach (var job in new[] { "hub.audit", "hub.retention", "hub.erasures" })
            {
                // A job that the killed hub had in hand is free again when its minute is over.
                var own = await Poll.For(
                    async () => (await other.GetAsync($"/v1/schedules/{job}")).GetProperty("bells").EnumerateArray().ToList(), own => own.TrueForAll(bell => bell.GetProperty("outcome").GetString() is "done" or "overlapped"), $"{job} to be done");
                Assert.That(own.Select(bell => bell.GetProperty("due_at").GetDateTimeOffset()), Is.Unique.And.Not.Empty);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<List<(DateTimeOffset DueAt, List<Guid> Runs)>> BellsAsync(HubProcess hub) =>
    [
        .. (await hub.GetAsync("/v1/schedules/ever")).GetProperty("bells").EnumerateArray().Select(bell => (bell.GetProperty("due_at").GetDateTimeOffset(), RunsOf(bell))),
    ];

    /// <summary>Over all bells: a route shows the latest.</summary>
    private static async Task<List<Guid>> StartedByBellsAsync(string database)
    {
        await using var connection = new NpgsqlConnection($"{database};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT run_ids::text FROM job_runs WHERE schedule = 'ever'", connection);
        await using var rows = await command.ExecuteReaderAsync();
        var runs = new List<Guid>();
        while (await rows.ReadAsync())
        {
            runs.AddRange(JsonSerializer.Deserialize<Guid[]>(rows.GetString(0))!);
        }

        return runs;
    }

    private static List<Guid> RunsOf(JsonElement bell) => [.. bell.GetProperty("run_ids").EnumerateArray().Select(run => run.GetGuid())];
}
