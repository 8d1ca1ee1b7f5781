using System.Diagnostics;
using System.Text.Json;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Diagnosis;

/// <summary>A second hub, whose folder nobody applied, then somebody does, which the first one cannot follow; and at last the first one dies.</summary>
internal static class HubTroubles
{
    public static async Task PlayAsync(StuckStage stage)
    {
        var (hub, sightings) = (stage.Hub, stage.Sightings);
        var first = await NameAsync(hub, except: null);
        var since = Stopwatch.StartNew();
        await using var other = await stage.ServeAnotherAsync();
        var pending = await sightings.OfAsync(other, since, (DiagnosisCode.ConfigPending, await NameAsync(hub, first)));
        await sightings.FollowAsync(other, pending[0]);
        since.Restart();
        await ApplyAsync(other, stage.OtherFolder);
        var applied = Stopwatch.StartNew();
        await sightings.OverAsync(other, since, DiagnosisCode.ConfigPending, null);
        await sightings.OfAsync(other, applied, (DiagnosisCode.ConfigurationBehind, first));

        since.Restart();
        await other.StopAsync();
        var notRun = await sightings.OfAsync(hub, since, (DiagnosisCode.ConfigurationNotRun, "hubs"));
        await sightings.FollowAsync(hub, notRun[0]);
        since.Restart();
        await GoBackAsync(hub);
        await sightings.OverAsync(hub, since, DiagnosisCode.ConfigurationNotRun, "hubs");
        await sightings.OverAsync(hub, since, DiagnosisCode.ConfigurationBehind, null);

        await other.StartAsync();
        await stage.SteerAsync(StuckStage.Mute, "faults", """{"kind":"timeout"}""");
        var held = (await stage.StartRunsAsync(StuckStage.People, StuckStage.Mute)).Single();
        await Poll.Until(async () => await stage.ExecuteAsync($"SELECT 1 FROM leases WHERE destination = '{StuckStage.Mute}' AND owner LIKE '{first}-%' AND expires_at > clock_timestamp()") is not null, "the first hub to work on the one that never answers");
        await ApplyAsync(other, stage.OtherFolder);
        since.Restart();
        await sightings.OfAsync(other, since, (DiagnosisCode.ConfigurationBehind, first));
        await Poll.Until(() => IsHeardOfLastAsync(other, first), "the first hub to be heard of after the other one started, which else stood for it");
        since.Restart();
        await hub.KillAsync();
        (string, string?)[] dead = [(DiagnosisCode.DeadProcess, first), (DiagnosisCode.DeadProcess, $"{held}")];
        await sightings.OfAsync(other, since, [.. dead, .. stage.OfThrifty is { } thrifty ? [(DiagnosisCode.NoConsumer, thrifty)] : Array.Empty<(string, string?)>()]);

        since.Restart();
        await hub.StartAsync();
        await sightings.OverAsync(hub, since, DiagnosisCode.DeadProcess, first);
        await sightings.OverAsync(hub, since, DiagnosisCode.DeadProcess, $"{held}");
        await sightings.OverAsync(hub, since, DiagnosisCode.NoConsumer, null);
        if (stage.OfThrifty is { } run)
        {
            since.Restart();
            await Sightings.CallAsync(hub, "sync", "cancel", run, "--reason", "another time");
            await sightings.OverAsync(hub, since, DiagnosisCode.Quota, run);
        }
    }

    /// <summary>Plans a folder at a hub, looks, and applies it.</summary>
    private static async Task ApplyAsync(HubProcess hub, string folder)
    {
        var plan = HashOf((await Sightings.CallAsync(hub, "plan", folder, "--json")).Out);
        var (code, said) = await Sightings.CallAsync(hub, "apply", folder, "--plan", plan);
        Require.That(code == 0, said);
    }

    /// <summary>The version before the one in force comes into force again.</summary>
    private static async Task GoBackAsync(HubProcess hub)
    {
        var before = (await hub.GetAsync("/v1/config/versions")).GetProperty("items")[1].GetProperty("version").GetInt64().ToString(System.Globalization.CultureInfo.InvariantCulture);
        var plan = HashOf((await Sightings.CallAsync(hub, "config", "rollback", before, "--json")).Out);
        var (code, said) = await Sightings.CallAsync(hub, "config", "rollback", before, "--plan", plan, "--message", "the version of before works");
        Require.That(code == 0, said);
    }

    private static string HashOf(string plan) => JsonDocument.Parse(plan).RootElement.TryGetProperty("plan_hash", out var hash) ? hash.GetString()! : throw new InvalidOperationException(plan);

    /// <summary>The name of the hub that is there, or of the one beside another.</summary>
    private static async Task<string> NameAsync(HubProcess asked, string? except) => (await Poll.For(
        async () => (await asked.GetAsync("/v1/instances")).GetProperty("items").EnumerateArray().FirstOrDefault(hub => hub.GetProperty("is_alive").GetBoolean() && hub.GetProperty("name").GetString() != except),
        hub => hub.ValueKind == JsonValueKind.Object, "the hub to be heard of")).GetProperty("name").GetString()!;

    private static async Task<bool> IsHeardOfLastAsync(HubProcess asked, string name)
    {
        var hubs = (await asked.GetAsync("/v1/instances")).GetProperty("items").EnumerateArray().Where(hub => hub.GetProperty("is_alive").GetBoolean()).ToLookup(hub => hub.GetProperty("name").GetString() == name);
        return hubs[true].Any(hub => hubs[false].All(later => later.GetProperty("started_at").GetDateTimeOffset() < hub.GetProperty("seen_at").GetDateTimeOffset()));
    }
}
