using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Diagnosis;

/// <summary>A canary who denied and is there all the same, and one who does not arrive: her destination answers every write with a code that nobody documented.</summary>
internal static class CanaryTroubles
{
    private const string Missing = "anna";
    private const string Leaking = "ben";
    private const string Contacts = "crm/v3/objects/contacts";

    /// <summary>How long the one who never arrives has, by the configuration.</summary>
    private static readonly TimeSpan _shownWithin = TimeSpan.FromMinutes(1);

    public static async Task PlayAsync(StuckStage stage)
    {
        var (hub, sightings) = (stage.Hub, stage.Sightings);
        await stage.SteerAsync(StuckStage.Plain, "faults", $$"""{"kind":"unknown_code","endpoint":"{{Contacts}}/batch/upsert"}""");
        await stage.PostAsync($"/v1/canaries/{Missing}/run", new { });
        var goal = Stopwatch.StartNew();
        using var vendor = stage.VendorOf(StuckStage.Plain);
        using var made = await vendor.PostAsJsonAsync($"{Contacts}/batch/create", new { inputs = new[] { new { properties = new { email = "ben@birds-of-ours.com", hub_external_id = "canary-ben" } } } });
        var contact = (await made.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("results")[0].GetProperty("id").GetString();
        var since = Stopwatch.StartNew();
        await stage.PostAsync($"/v1/canaries/{Leaking}/run", new { });
        var leak = await sightings.OfAsync(hub, since, (DiagnosisCode.CanaryLeak, Leaking));
        await sightings.FollowAsync(hub, leak[0]);
        using var archived = await vendor.PostAsJsonAsync($"{Contacts}/batch/archive", new { inputs = new[] { new { id = contact } } });
        archived.EnsureSuccessStatusCode();
        var mended = Stopwatch.StartNew();
        await stage.PostAsync($"/v1/canaries/{Leaking}/run", new { });

        await Poll.Until(() => goal.Elapsed >= _shownWithin, "the canary's time to be over");
        since.Restart();
        var missing = await sightings.OfAsync(hub, since, (DiagnosisCode.CanaryMissing, Missing));
        await sightings.FollowAsync(hub, missing[0]);
        since.Restart();
        await stage.HealAsync(StuckStage.Plain);
        await sightings.OverAsync(hub, mended, DiagnosisCode.CanaryLeak, Leaking);
        await sightings.OverAsync(hub, since, DiagnosisCode.CanaryMissing, Missing);
    }
}
