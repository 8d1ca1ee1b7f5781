using System.Net;
using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Schedules;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Schedules;
using IntegrationHub.TestServers;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Schedules;

/// <summary>Whole hubs with a schedule of every second and two of once a week, on a database that they share.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_bell_rings(StorageDatabase database)
{
    private const string Schedules =
        """
        schedules:
          ever: { sync: customers, destinations: [braze], cron: "* * * * * ?", time_zone: UTC }
          weekly: { sync: customers, destinations: [hubspot], cron: "0 0 4 ? * MON", time_zone: UTC, missed: once }
          skipped: { sync: customers, destinations: [marketo], cron: "0 0 4 ? * MON", time_zone: UTC }
        """;

    private PostgresDatabase? _postgres;
    private DirectoryInfo _folder = null!;

    [OneTimeSetUp]
    public async Task Write_the_schedules()
    {
        _postgres = database == StorageDatabase.Postgres ? await PostgresDatabase.CreateAsync() : null;
        _folder = Directory.CreateTempSubdirectory("hub-schedules-");
        var config = Path.Combine(_folder.FullName, "config");
        foreach (var file in Directory.EnumerateFiles(ConfigurationLoader.SampleFolder, "*.yaml", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(config, Path.GetRelativePath(ConfigurationLoader.SampleFolder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        await File.WriteAllTextAsync(Path.Combine(config, "schedules.yaml"), Schedules);
    }

    [OneTimeTearDown]
    public async Task Remove()
    {
        LogContext.Current = null;
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task Should_start_its_runs_once_whichever_hub_hears_it_and_note_what_was_missed()
    {
        var one = await StartAsync();
        await Poll.Until(async () => (await BellsAsync(one, "ever")).Count >= 3, "the clock to ring");
        var lastWeek = TimeProvider.System.GetUtcNow().AddDays(-15);
        await NoteAsync(one, "weekly", lastWeek);
        await NoteAsync(one, "skipped", lastWeek);
        if (database == StorageDatabase.Sqlite)
        {
            await one.DisposeAsync();
        }

        await using var other = await StartAsync();
        var (weekly, skipped) = (await BellsAsync(other, "weekly"), await BellsAsync(other, "skipped"));
        Assert.That(skipped.Select(bell => bell.Outcome), Is.EqualTo(new[] { JobOutcome.Missed, JobOutcome.Started }));
        Assert.That(skipped[0].DueAt.DayOfWeek, Is.EqualTo(DayOfWeek.Monday));
        Assert.That(weekly.Select(bell => bell.Outcome), Is.EqualTo(new[] { JobOutcome.Started, JobOutcome.Missed, JobOutcome.Started }), "rung once, however many were missed");

        if (database == StorageDatabase.Postgres)
        {
            await one.DisposeAsync();
        }

        var last = (await BellsAsync(other, "ever"))[0].DueAt;
        await Poll.Until(async () => (await BellsAsync(other, "ever"))[0].DueAt > last.AddSeconds(2), "the hub that is left to ring");

        var bells = await BellsAsync(other, "ever");
        Assert.That(bells.Select(bell => bell.Outcome), Has.All.AnyOf(JobOutcome.Started, JobOutcome.Overlapped));
        var started = bells.SelectMany(bell => bell.RunIds).ToHashSet();
        Assert.That(started, Is.Not.Empty);
        using var http = new HttpClient { BaseAddress = new Uri(other.Web.Urls.Single()) };
        var runs = await Poll.For(() => RunsAsync(http, "braze"), seen => seen.Count >= started.Count, "the runs to stand");
        Assert.That(runs, Is.SubsetOf((await BellsAsync(other, "ever")).SelectMany(bell => bell.RunIds)), "a run belongs to a bell");

        var shown = JsonSerializer.Deserialize<JsonElement>(await http.GetStringAsync("/v1/schedules"));
        Assert.That(shown.EnumerateArray().Select(schedule => schedule.GetProperty("name").GetString()), Is.EqualTo(new[] { "ever", "skipped", "weekly" }));
        using var rung = await http.PostAsync("/v1/schedules/skipped/ring", null);
        Assert.That(rung.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await rung.Content.ReadAsStringAsync());
        using var again = await http.PostAsync("/v1/schedules/skipped/ring", null);
        Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(await again.Content.ReadAsStringAsync(), Does.Contain("run-active").And.Contain("sync list").Or.Contain("sync cancel"));
        using var unknown = await http.GetAsync("/v1/schedules/nobody");
        Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await unknown.Content.ReadAsStringAsync(), Does.Contain("ever, skipped, weekly"));
    }

    private async Task<HubApplication> StartAsync()
    {
        var hub = await HubApplication.BuildAsync(
            [
                $"--Hub:Database={database}", .. _postgres is null ? Array.Empty<string>() : [$"--Hub:ConnectionString={_postgres.ConnectionString}"],
                "--Hub:Urls=http://127.0.0.1:0", $"--Hub:DataPath={_folder.FullName}", $"--Hub:ConfigPath={Path.Combine(_folder.FullName, "config")}", "--Hub:LogLevel=Error",
            ],
            null,
            CancellationToken.None);
        await hub.StartAsync(CancellationToken.None);
        return hub;
    }

    private static Task<IReadOnlyList<JobRun>> BellsAsync(HubApplication hub, string schedule) =>
        hub.Web.Services.GetRequiredService<OutboxTransaction>().ReadAsync(db => JobRuns.ListAsync(db, schedule, 100, CancellationToken.None));

    private static Task NoteAsync(HubApplication hub, string schedule, DateTimeOffset due) => hub.Web.Services.GetRequiredService<OutboxTransaction>().RunAsync(
        (db, _) => JobRuns.AddAsync(db, new JobRun(schedule, due, due, "an earlier hub", JobOutcome.Started, null, null, []), CancellationToken.None), CancellationToken.None);

    private static async Task<HashSet<Guid>> RunsAsync(HttpClient http, string destination) =>
        [.. JsonSerializer.Deserialize<JsonElement>(await http.GetStringAsync($"/v1/runs?destination={destination}&limit=500")).EnumerateArray().Select(run => run.GetProperty("run_id").GetGuid())];
}
