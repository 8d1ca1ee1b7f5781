using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Diagnosis;

/// <summary>Everything that destinations and people do to runs: one destination per trouble, side by side; then each is mended as it was advised.</summary>
internal static class DestinationTroubles
{
    /// <summary>Adds to the number of an operation what makes it one that only a newer version knows.</summary>
    private const int Newer = 90;

    public static async Task PlayAsync(StuckStage stage)
    {
        var (hub, sightings) = (stage.Hub, stage.Sightings);
        await stage.SteerAsync("hubspot", "faults", """{"kind":"unknown_code","endpoint":"crm/v3/objects/contacts/batch/upsert"}""");
        await stage.SteerAsync("marketo", "knobs", """{"apply_delay_ms":600000}""");
        await stage.SteerAsync(StuckStage.Busy, "faults", """{"kind":"status","status":429,"retry_after":40}""");
        await stage.SteerAsync(StuckStage.Slowly, "knobs", """{"apply_delay_ms":20000}""");
        await stage.SteerAsync(StuckStage.Forbidden, "faults", """{"kind":"status","status":403,"endpoint":"crm/v3/objects/contacts/batch/upsert"}""");
        var since = Stopwatch.StartNew();
        var runs = await stage.StartRunsAsync(
            StuckStage.People, "braze", StuckStage.Locked, StuckStage.Distant, "hubspot", "marketo", StuckStage.Thrifty, StuckStage.Busy, StuckStage.Slowly, StuckStage.Forbidden, StuckStage.Plain, StuckStage.Frugal);
        var (locked, distant, poisoned, importing, thrifty, busy, slowly, forbidden) = ($"{runs[1]}", $"{runs[2]}", $"{runs[3]}", $"{runs[4]}", $"{runs[5]}", $"{runs[6]}", $"{runs[7]}", $"{runs[8]}");
        stage.OfThrifty = thrifty;
        var named = await sightings.OfAsync(
            hub, since, (DiagnosisCode.Unauthorized, locked), (DiagnosisCode.CircuitOpen, distant), (DiagnosisCode.PoisonRecord, poisoned), (DiagnosisCode.VendorJob, importing),
            (DiagnosisCode.Quota, thrifty), (DiagnosisCode.VendorLimit, busy), (DiagnosisCode.VendorCatchingUp, slowly), (DiagnosisCode.Misconfigured, forbidden),
            (DiagnosisCode.Retrying, poisoned)); // this one for some seconds: then it has failed too often
        await Poll.Until(() => stage.IsOverAsync(runs[0]), "the first run to be over");

        await ApproveAsync(stage);
        await ImportLateAsync(stage, importing);
        await HoldAsync(stage, forbidden);

        await stage.UnlockAsync();
        await MendAsync(named[0], DiagnosisCode.Unauthorized, locked);
        stage.ToDistant.Mend();
        await MendAsync(named[1], DiagnosisCode.CircuitOpen, distant);
        await stage.HealAsync("hubspot");
        await sightings.FollowAsync(hub, named[2]);
        await MendAsync(default, DiagnosisCode.PoisonRecord, poisoned, "destinations", "resume", "hubspot");
        await stage.HealAsync(StuckStage.Busy);
        await MendAsync(default, DiagnosisCode.VendorLimit, busy);
        await sightings.FollowAsync(hub, named[4]);
        await MendAsync(default, DiagnosisCode.VendorCatchingUp, slowly);
        foreach (var run in runs.Where(run => run != runs[5]))
        {
            await Poll.Until(() => stage.IsOverAsync(run), $"run {run} to be over after all was mended");
        }

        await HearOfAnEndAsync(stage);

        async Task MendAsync(JsonElement advised, string code, string subject, params string[] verb)
        {
            var mended = Stopwatch.StartNew();
            await sightings.FollowAsync(hub, advised);
            _ = verb.Length == 0 ? default : await Sightings.CallAsync(hub, verb);
            await sightings.OverAsync(hub, mended, code, subject);
        }
    }

    /// <summary>The vendor says beside its answers when they end; what it last said lies three months back, which a statement does.</summary>
    private static async Task HearOfAnEndAsync(StuckStage stage)
    {
        var (hub, sightings, end) = (stage.Hub, stage.Sightings, TimeProvider.System.GetUtcNow().AddDays(40));
        var sunset = string.Create(CultureInfo.InvariantCulture, $"sunset {end:yyyy-MM-dd}");
        await stage.SteerAsync(StuckStage.Plain, "faults", JsonSerializer.Serialize(new { kind = "headers", headers = new { Sunset = end.ToString("R", CultureInfo.InvariantCulture) } }));
        var since = Stopwatch.StartNew();
        await Sightings.CallAsync(hub, "destinations", "check", StuckStage.Plain);
        var named = await sightings.OfAsync(hub, since, (DiagnosisCode.VendorDeprecation, sunset));
        await sightings.FollowAsync(hub, named[0]);
        await stage.HealAsync(StuckStage.Plain);
        since.Restart();
        await stage.ExecuteAsync("UPDATE vendor_notices SET first_seen = first_seen - interval '91 days', last_seen = last_seen - interval '91 days'");
        await sightings.OverAsync(hub, since, DiagnosisCode.VendorDeprecation, sunset);
    }

    /// <summary>Half of the people are left out of the list.</summary>
    private static async Task ApproveAsync(StuckStage stage)
    {
        var half = await stage.LoadAsync(StuckStage.People / 2);
        var since = Stopwatch.StartNew();
        var removal = (await AudienceSync.SyncRuns.StartAsync(stage.Hub, half, "full", "braze")).Single();
        var named = await stage.Sightings.OfAsync(stage.Hub, since, (DiagnosisCode.Approval, $"{removal}"));
        since.Restart();
        await stage.Sightings.FollowAsync(stage.Hub, named[0]);
        var version = (await stage.Hub.GetAsync($"/v1/runs/{removal}")).GetProperty("version").GetString()!;
        await Sightings.CallAsync(stage.Hub, "sync", "approve", $"{removal}", "--expected-version", version, "--reason", "they left");
        await stage.Sightings.OverAsync(stage.Hub, since, DiagnosisCode.Approval, $"{removal}");
        await Poll.Until(() => stage.IsOverAsync(removal), "the run that was approved to be over");
    }

    /// <summary>The vendor had its job for five hours: the row is aged.</summary>
    private static async Task ImportLateAsync(StuckStage stage, string run)
    {
        var since = Stopwatch.StartNew();
        await stage.ExecuteAsync("UPDATE bulk_jobs SET started_at = started_at - interval '5 hours' WHERE destination = 'marketo'");
        var named = await stage.Sightings.OfAsync(stage.Hub, since, (DiagnosisCode.VendorJobLate, run));
        await stage.Sightings.FollowAsync(stage.Hub, named[0]);
        since.Restart();
        await stage.SteerAsync("marketo", "knobs", """{"apply_delay_ms":0}""");
        await stage.Sightings.OverAsync(stage.Hub, since, DiagnosisCode.VendorJobLate, run);
    }

    /// <summary>Somebody holds a run to a destination that refuses it; then a newer version seems to have written what it owes, which two statements do and undo.</summary>
    private static async Task HoldAsync(StuckStage stage, string run)
    {
        var (hub, sightings) = (stage.Hub, stage.Sightings);
        var since = Stopwatch.StartNew();
        await Sightings.CallAsync(hub, "sync", "pause", run);
        var named = await sightings.OfAsync(hub, since, (DiagnosisCode.Paused, run));
        since.Restart();
        await sightings.FollowAsync(hub, named[0]);
        await sightings.OverAsync(hub, since, DiagnosisCode.Paused, run);
        await sightings.OfAsync(hub, since, (DiagnosisCode.Misconfigured, run));

        await Sightings.CallAsync(hub, "sync", "pause", run);
        await stage.ExecuteAsync($"UPDATE deliveries SET operation = operation + {Newer} WHERE run_id = '{run}'");
        await stage.HealAsync(StuckStage.Forbidden);
        since.Restart();
        await Sightings.CallAsync(hub, "destinations", "check", StuckStage.Forbidden);
        await sightings.OverAsync(hub, since, DiagnosisCode.Misconfigured, run);
        since.Restart();
        await Sightings.CallAsync(hub, "sync", "resume", run);
        named = await sightings.OfAsync(hub, since, (DiagnosisCode.WorkUnreadable, run));
        await sightings.FollowAsync(hub, named[0]);
        since.Restart();
        await stage.ExecuteAsync($"UPDATE deliveries SET operation = operation - {Newer} WHERE run_id = '{run}'");
        await sightings.OverAsync(hub, since, DiagnosisCode.WorkUnreadable, run);
    }
}
