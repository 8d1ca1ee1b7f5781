using System.Diagnostics;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Diagnosis;

/// <summary>Bells that nobody rang, a job of the hub's own that fails, and nobody there who could be told of it.</summary>
internal static class BellTroubles
{
    private const string Schedule = "yearly";
    private const string Job = "hub.match_rates";
    private const string Route = "team";

    public static async Task PlayAsync(StuckStage stage)
    {
        var (hub, sightings) = (stage.Hub, stage.Sightings);
        stage.ToReceiver.Cut();
        await hub.StopAsync();
        await stage.ExecuteAsync($"INSERT INTO job_runs (schedule, due_at, at, instance, outcome, run_ids) VALUES ('{Schedule}', now() - interval '2 years', now() - interval '2 years', 'earlier', 'started', '[]')");
        var since = Stopwatch.StartNew();
        await hub.StartAsync();
        var missed = await sightings.OfAsync(hub, since, (DiagnosisCode.ScheduleMissed, Schedule), (DiagnosisCode.RouteUnreachable, Route));
        since.Restart();
        await sightings.FollowAsync(hub, missed[0]);
        await sightings.OverAsync(hub, since, DiagnosisCode.ScheduleMissed, Schedule);
        await FailAsync(stage);

        stage.ToReceiver.Mend();
        since.Restart();
        await sightings.FollowAsync(hub, missed[1]);
        await sightings.OverAsync(hub, since, DiagnosisCode.RouteUnreachable, Route);
    }

    /// <summary>The table of a job is away; the five minutes between its attempts are aged.</summary>
    private static async Task FailAsync(StuckStage stage)
    {
        await stage.ExecuteAsync("ALTER TABLE match_rates RENAME TO match_rates_away");
        await Sightings.CallAsync(stage.Hub, "schedules", "ring", Job);
        await Poll.Until(
            async () => await stage.ExecuteAsync($"UPDATE job_runs SET held_until = now() WHERE schedule = '{Job}' AND outcome = 'due' AND attempts > 0; SELECT 1 FROM job_runs WHERE schedule = '{Job}' AND attempts = 3") is not null,
            "the last attempt to begin");
        var since = Stopwatch.StartNew();
        var failed = await stage.Sightings.OfAsync(stage.Hub, since, (DiagnosisCode.JobFailed, Job));
        await stage.ExecuteAsync("ALTER TABLE match_rates_away RENAME TO match_rates");
        since.Restart();
        await stage.Sightings.FollowAsync(stage.Hub, failed[0]);
        await stage.Sightings.OverAsync(stage.Hub, since, DiagnosisCode.JobFailed, Job);
    }
}
