using System.Diagnostics;
using System.Globalization;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Diagnosis;

/// <summary>What comes in and goes no further, who is who, and letters that nobody can send.</summary>
internal static class IntakeTroubles
{
    public static async Task PlayAsync(StuckStage stage)
    {
        var known = (await stage.StartRunsAsync(StuckStage.People, "braze")).Single();
        await Poll.Until(() => stage.IsOverAsync(known), "people to be known who may withdraw");
        await SetAsideAsync(stage);
        await HoldTheLeasesAsync(stage);
        await DecideAsync(stage);
        await ActAsync(stage);
    }

    private static async Task SetAsideAsync(StuckStage stage)
    {
        var (hub, sightings) = (stage.Hub, stage.Sightings);
        var since = Stopwatch.StartNew();
        await stage.PostAsync("/v1/events", Fact("c1", "profile_updated", TimeProvider.System.GetUtcNow().AddHours(2), new { attributes = new { first_name = "Dana" } }));
        var named = await sightings.OfAsync(hub, since, (DiagnosisCode.QuarantineWaits, "quarantine"));
        await sightings.FollowAsync(hub, named[0]);
        since.Restart();
        foreach (var fact in (await hub.GetAsync("/v1/quarantine?state=waiting")).GetProperty("items").EnumerateArray())
        {
            await Sightings.CallAsync(hub, "quarantine", "discard", fact.GetProperty("quarantine_id").GetString()!, "--reason", "its clock is wrong");
        }

        await sightings.OverAsync(hub, since, DiagnosisCode.QuarantineWaits, "quarantine");
    }

    /// <summary>Somebody's transaction holds the table of who works on what: no hub can begin anything, and none has died.</summary>
    private static async Task HoldTheLeasesAsync(StuckStage stage)
    {
        var (hub, sightings) = (stage.Hub, stage.Sightings);
        await stage.CallDoorAsync("evt_1");
        var held = await stage.HoldTableAsync("leases");
        var since = Stopwatch.StartNew();
        await stage.CallDoorAsync("evt_2");
        await stage.PostAsync("/v1/events", Fact("c2", "consent_updated", TimeProvider.System.GetUtcNow(), new { purpose = "email_marketing", status = "denied", source = "form" }));
        var named = await sightings.OfAsync(hub, since, (DiagnosisCode.WebhooksWait, "webhooks"), (DiagnosisCode.Unanswered, "urgent"));
        await sightings.FollowAsync(hub, named[0]);
        await sightings.FollowAsync(hub, named[1]);
        await held.DisposeAsync();
        since.Restart();
        await sightings.OverAsync(hub, since, DiagnosisCode.WebhooksWait, "webhooks");
        await sightings.OverAsync(hub, since, DiagnosisCode.Unanswered, "urgent");
    }

    /// <summary>A newer version decided something about somebody: a row is written and taken away.</summary>
    private static async Task DecideAsync(StuckStage stage)
    {
        var since = Stopwatch.StartNew();
        await stage.ExecuteAsync("INSERT INTO identity_decisions (tenant_id, verdict, key_a, key_b, decided_at, decided_by, reason) VALUES ('default', 'entrust', 'external_id:c4', 'external_id:c4', now(), 'kim', 'because')");
        var named = await stage.Sightings.OfAsync(stage.Hub, since, (DiagnosisCode.IdentityUnreadable, "decisions"));
        await stage.Sightings.FollowAsync(stage.Hub, named[0]);
        since.Restart();
        await stage.ExecuteAsync("DELETE FROM identity_decisions WHERE verdict = 'entrust'");
        await stage.Sightings.OverAsync(stage.Hub, since, DiagnosisCode.IdentityUnreadable, "decisions");
    }

    /// <summary>An action on letters of an operation that only a newer version knows: its row is written.</summary>
    private static async Task ActAsync(StuckStage stage)
    {
        var since = Stopwatch.StartNew();
        var action = Convert.ToString(
            await stage.ExecuteAsync(
                """
                INSERT INTO letter_actions (kind, destination, operation, state, requested_by, allows_repeat, confirmed, frozen, upper_id, frozen_id, owed_id, stream_id, partitions, requested_at)
                VALUES ('replay', 'braze', 99, 'freezing', 'person:kim', false, 1, 0, 0, 0, 0, gen_random_uuid(), 4, now()) RETURNING action_id
                """),
            CultureInfo.InvariantCulture)!;
        var named = await stage.Sightings.OfAsync(stage.Hub, since, (DiagnosisCode.LettersFailing, action));
        await stage.Sightings.FollowAsync(stage.Hub, named[0]);
        since.Restart();
        await Sightings.CallAsync(stage.Hub, "deadletters", "stop", action);
        await stage.Sightings.OverAsync(stage.Hub, since, DiagnosisCode.LettersFailing, action);
    }

    private static object Fact(string person, string type, DateTimeOffset at, object payload) =>
        new { event_id = Guid.CreateVersion7(), event_type = type, occurred_at = at, producer = "stuck", subject = new { external_id = person }, payload };
}
