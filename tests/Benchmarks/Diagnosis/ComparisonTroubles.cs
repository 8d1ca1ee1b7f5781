using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Diagnosis;

/// <summary>Comparisons that may ask no more, or find what nobody puts right; and a backfill outside of its windows.</summary>
internal static class ComparisonTroubles
{
    private const string Audience = "customers";
    private const int Removed = 3;

    public static async Task PlayAsync(StuckStage stage)
    {
        var (hub, sightings) = (stage.Hub, stage.Sightings);
        var since = Stopwatch.StartNew();
        var frugal = await CompareAsync(stage, StuckStage.Frugal, "report");
        await sightings.OfAsync(hub, since, (DiagnosisCode.ReadBackBudget, frugal));
        await DriftAsync(stage);
        await WaitForAWindowAsync(stage);

        since.Restart();
        await stage.SpendMoreAsync();
        await sightings.OverAsync(hub, since, DiagnosisCode.ReadBackBudget, frugal);
        await Poll.Until(() => stage.IsOverAsync(Guid.Parse(frugal)), "the comparison to be over");
    }

    /// <summary>Somebody takes people out of the vendor's list, and the comparison is to report alone.</summary>
    private static async Task DriftAsync(StuckStage stage)
    {
        using var vendor = stage.VendorOf(StuckStage.Plain);
        var known = await vendor.GetFromJsonAsync<JsonElement>($"crm/v3/lists/object-type-id/0-1/name/{Uri.EscapeDataString("Customers (IntegrationHub)")}");
        var list = known.GetProperty("list").GetProperty("listId").GetString();
        var people = (await stage.ExecuteAsync($"SELECT string_agg(remote_id, ',') FROM (SELECT d.remote_id FROM destination_members m JOIN destination_profiles d USING (destination, profile_id) WHERE m.destination = '{StuckStage.Plain}' AND m.is_member LIMIT {Removed}) p") as string)!;
        using var removed = await vendor.PutAsJsonAsync($"crm/v3/lists/{list}/memberships/remove", people.Split(','));
        removed.EnsureSuccessStatusCode();
        var since = Stopwatch.StartNew();
        await CompareAsync(stage, StuckStage.Plain, "report");
        var named = await stage.Sightings.OfAsync(stage.Hub, since, (DiagnosisCode.VendorDrift, Audience));
        await stage.Sightings.FollowAsync(stage.Hub, named[0]);
        since.Restart();
        await CompareAsync(stage, StuckStage.Plain, "all");
        await stage.Sightings.OverAsync(stage.Hub, since, DiagnosisCode.VendorDrift, Audience);
    }

    /// <summary>What it is to write was stated by a list that another destination took in; its window opens in twelve hours.</summary>
    private static async Task WaitForAWindowAsync(StuckStage stage)
    {
        var (hub, sightings) = (stage.Hub, stage.Sightings);
        var run = (await stage.StartRunsAsync(StuckStage.People, "braze")).Single();
        await Poll.Until(() => stage.IsOverAsync(run), "the list to be taken in");
        var later = TimeProvider.System.GetUtcNow().AddHours(12);
        var asked = await stage.PostAsync("/v1/backfills", new { destination = StuckStage.Plain, audience = Audience, attributes = new[] { "total_children" }, windows = new[] { FormattableString.Invariant($"daily {later:HH}:00-{later:HH}:30 UTC") } });
        var backfill = asked.GetProperty("run").GetProperty("run_id").GetString()!;
        var plan = await Poll.For(() => hub.GetAsync($"/v1/backfills/{backfill}"), shown => shown.GetProperty("plan_hash").ValueKind == JsonValueKind.String, "the plan");
        var since = Stopwatch.StartNew();
        await stage.PostAsync($"/v1/backfills/{backfill}/approve", new { plan_hash = plan.GetProperty("plan_hash").GetString(), reason = "as planned" });
        await sightings.OfAsync(hub, since, (DiagnosisCode.WindowClosed, backfill));
        since.Restart();
        await Sightings.CallAsync(hub, "backfill", "cancel", backfill, "--reason", "another time");
        await sightings.OverAsync(hub, since, DiagnosisCode.WindowClosed, backfill);
    }

    private static async Task<string> CompareAsync(StuckStage stage, string destination, string heal) =>
        (await stage.PostAsync("/v1/reconciliations", new { audience = Audience, destinations = new[] { destination }, heal, reason = "as compared" })).GetProperty("runs")[0].GetProperty("run_id").GetString()!;
}
