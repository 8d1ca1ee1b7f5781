using System.Net;
using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Schedules;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Schedules;
using IntegrationHub.TestServers;
using MassTransit;
using Microsoft.EntityFrameworkCore;
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
        _postgres = database == StorageDatabase.Postgres ? await MigratedDatabase.CreateAsync() : null;
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
        await Should_lose_nothing_when_it_dies_over_a_missed_bell(one);
        await Should_owe_a_job_that_was_never_done_once(one);
        if (database == StorageDatabase.Sqlite)
        {
            await one.DisposeAsync();
        }

        // On PostgreSQL hubs start in the same moment, while Quartz makes up for the same bells.
        var together = database == StorageDatabase.Postgres ? Enumerable.Range(0, 6).Select(hub => hub % 2 == 0 ? Hanger(one).StartAsync(CancellationToken.None) : QuartzAsync(one, "weekly")) : [];
        var starting = StartAsync();
        await Task.WhenAll([.. together, starting]);
        await using var other = await starting;
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

        var shown = JsonSerializer.Deserialize<JsonElement>(await http.GetStringAsync("/v1/schedules")).GetProperty("items");
        Assert.That(shown.EnumerateArray().Where(schedule => !schedule.GetProperty("own").GetBoolean()).Select(schedule => schedule.GetProperty("name").GetString()), Is.EqualTo(new[] { "ever", "skipped", "weekly" }));
        Assert.That(shown.EnumerateArray().Single(schedule => schedule.GetProperty("name").GetString() == "skipped").GetProperty("missed_bells").GetInt64(), Is.EqualTo(1));
        await Should_do_the_hubs_own_jobs_once(other, http, shown);
        using var rung = await http.PostAsync("/v1/schedules/skipped/ring", null);
        Assert.That(rung.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await rung.Content.ReadAsStringAsync());
        var refused = await Poll.For(async () => await PostAsync(http, "/v1/schedules/skipped/ring"), answer => answer.Status == HttpStatusCode.Conflict, "a bell to meet the run of the one before");
        Assert.That(refused.Body, Does.Contain("run-active").And.Contain("sync list").Or.Contain("sync cancel"));
        using var unknown = await http.GetAsync("/v1/schedules/nobody");
        Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await unknown.Content.ReadAsStringAsync(), Does.Contain("ever, hub.approvals").And.Contain("skipped, weekly"));
    }

    /// <summary>The database refuses the ring: the note is not there either, so that the next start does both.</summary>
    private async Task Should_lose_nothing_when_it_dies_over_a_missed_bell(HubApplication hub)
    {
        await ExecuteAsync(hub, database == StorageDatabase.Postgres
            ? """
              CREATE FUNCTION refuse_ring() RETURNS trigger LANGUAGE plpgsql AS
                  $$ BEGIN IF NEW.schedule = 'weekly' AND NEW.outcome = 'started' THEN RAISE EXCEPTION 'no ring'; END IF; RETURN NEW; END $$;
              CREATE TRIGGER refuse_ring BEFORE INSERT ON job_runs FOR EACH ROW EXECUTE FUNCTION refuse_ring();
              """
            : "CREATE TRIGGER refuse_ring BEFORE INSERT ON job_runs WHEN NEW.schedule = 'weekly' AND NEW.outcome = 'started' BEGIN SELECT RAISE(ABORT, 'no ring'); END;");
        Assert.That(() => Hanger(hub).StartAsync(CancellationToken.None), Throws.Exception.With.Message.Contains("no ring"));
        Assert.That((await BellsAsync(hub, "weekly")).Select(bell => bell.Outcome), Is.EqualTo(new[] { JobOutcome.Started }), "what was there before");
        await ExecuteAsync(hub, database == StorageDatabase.Postgres ? "DROP TRIGGER refuse_ring ON job_runs" : "DROP TRIGGER refuse_ring");
    }

    private static async Task Should_owe_a_job_that_was_never_done_once(HubApplication hub)
    {
        var job = new BellPlan("hub.nobody", "0 0 3 * * ?", TimeZoneInfo.Utc, MissedBell.Once);
        var ringer = hub.Web.Services.GetRequiredService<BellRinger>();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ringer.MakeUpAsync(job, TimeProvider.System.GetUtcNow(), "Nobody was there.", true, CancellationToken.None)));
        Assert.That((await BellsAsync(hub, job.Name)).Select(bell => bell.Outcome), Is.EqualTo(new[] { JobOutcome.Due }));
    }

    private static BellHanger Hanger(HubApplication hub) => ActivatorUtilities.CreateInstance<BellHanger>(hub.Web.Services);

    /// <summary>What Quartz does about a trigger that it could not fire: it says so, and fires late.</summary>
    private static async Task QuartzAsync(HubApplication hub, string schedule)
    {
        var plan = hub.Web.Services.GetRequiredService<BellTower>().Find(Bell.Group, schedule)!;
        var ringer = hub.Web.Services.GetRequiredService<BellRinger>();
        await ringer.MissAsync(plan, plan.NextAfter((await BellsAsync(hub, schedule))[^1].DueAt)!.Value, "Hubs were too busy.", CancellationToken.None);
        await ringer.MakeUpAsync(plan, TimeProvider.System.GetUtcNow(), null, true, CancellationToken.None);
    }

    private static Task ExecuteAsync(HubApplication hub, string sql) =>
        hub.Web.Services.GetRequiredService<OutboxTransaction>().RunAsync((db, _) => db.Database.ExecuteSqlRawAsync(sql), CancellationToken.None);

    /// <summary>At the first start of all what was never done is done, by one of the hubs; later starts find nothing missed.</summary>
    private static async Task Should_do_the_hubs_own_jobs_once(HubApplication hub, HttpClient http, JsonElement shown)
    {
        string[] own = ["hub.approvals", "hub.audit", "hub.baselines", "hub.encryption", "hub.erasures", "hub.fields", "hub.keys", "hub.match_rates", "hub.queue", "hub.retention"];
        Assert.That(shown.EnumerateArray().Where(schedule => schedule.GetProperty("own").GetBoolean()).Select(schedule => schedule.GetProperty("name").GetString()), Is.EqualTo(own));
        foreach (var job in own.Except(["hub.baselines", "hub.match_rates", "hub.queue", "hub.approvals", "hub.fields"]))
        {
            var bells = await Poll.For(() => BellsAsync(hub, job), bells => bells.Count > 0 && bells.All(bell => bell.Outcome is JobOutcome.Done or JobOutcome.Overlapped), $"{job} to be done");
            Assert.That(bells.Count(bell => bell.Outcome == JobOutcome.Done), Is.InRange(1, 2), $"{job}: at the first start, and at its time when that has come meanwhile");
            Assert.That(bells[0].Attempts, Is.EqualTo(1));
        }

        var before = (await BellsAsync(hub, "hub.match_rates")).Count;
        using var rung = await http.PostAsync("/v1/schedules/hub.match_rates/ring", null);
        Assert.That(rung.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await rung.Content.ReadAsStringAsync());
        var done = await Poll.For(
            async () => JsonSerializer.Deserialize<JsonElement>(await http.GetStringAsync("/v1/schedules/hub.match_rates")), one => one.GetProperty("bells")[0].GetProperty("outcome").GetString() == JobOutcome.Done, "the job that was rung to be done");
        Assert.That(done.GetProperty("bells").GetArrayLength(), Is.InRange(before + 1, before + 2));
        Assert.That(done.GetProperty("bells")[0].GetProperty("seconds").GetDouble(), Is.GreaterThanOrEqualTo(0));
        Assert.That(done.GetProperty("bells")[0].GetProperty("detail").GetString(), Does.Contain("identity matches"));
        Assert.That(done.GetProperty("description").GetString(), Is.Not.Empty);
        var counted = await hub.Web.Services.GetRequiredService<OutboxTransaction>().ReadAsync(db => MatchRates.ListAsync(db, "customers", "braze", 10, CancellationToken.None));
        Assert.That(counted, Is.Not.Empty);
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

    private static async Task<(HttpStatusCode Status, string Body)> PostAsync(HttpClient http, string path)
    {
        using var answer = await http.PostAsync(path, null);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static Task<IReadOnlyList<JobRun>> BellsAsync(HubApplication hub, string schedule) =>
        hub.Web.Services.GetRequiredService<OutboxTransaction>().ReadAsync(db => JobRuns.ListAsync(db, schedule, 100, CancellationToken.None));

    private static Task NoteAsync(HubApplication hub, string schedule, DateTimeOffset due) => hub.Web.Services.GetRequiredService<OutboxTransaction>().RunAsync(
        (db, _) => JobRuns.AddAsync(db, new JobRun(schedule, due, due, "an earlier hub", JobOutcome.Started, null, null, []), CancellationToken.None), CancellationToken.None);

    private static async Task<HashSet<Guid>> RunsAsync(HttpClient http, string destination) =>
        [.. JsonSerializer.Deserialize<JsonElement>(await http.GetStringAsync($"/v1/runs?destination={destination}&limit=500")).GetProperty("items").EnumerateArray().Select(run => run.GetProperty("run_id").GetGuid())];
}
