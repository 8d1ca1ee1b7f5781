using System.Diagnostics;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Diagnosis;

/// <summary>One person's erasure, held by a destination that is away until the law's time is over. That month is aged: when it was asked and when it has to be done are moved by SQL.</summary>
internal static class ErasureTroubles
{
    public static async Task PlayAsync(StuckStage stage)
    {
        var (hub, sightings) = (stage.Hub, stage.Sightings);
        await stage.SteerAsync(StuckStage.Slowly, "knobs", """{"apply_delay_ms":0}""");
        stage.ToDistant.Cut();
        var since = Stopwatch.StartNew();
        var request = (await stage.PostAsync("/v1/erasures", new { key = "c3", law = "gdpr", reason = "ticket 4711" })).GetProperty("request_id").GetString()!;
        var named = await sightings.OfAsync(hub, since, (DiagnosisCode.ErasureHeld, request));
        await sightings.FollowAsync(hub, named[0]);

        since.Restart();
        await AgeAsync(stage, request, "requested_at = now() - interval '20 days', deadline = now() + interval '10 days'");
        await sightings.OfAsync(hub, since, (DiagnosisCode.ErasureLate, request));
        since.Restart();
        await AgeAsync(stage, request, "deadline = now() - interval '1 minute'");
        await sightings.OfAsync(hub, since, (DiagnosisCode.ErasureOverdue, request));
        await sightings.OverAsync(hub, since, DiagnosisCode.ErasureLate, request);
        await Poll.Until(async () => await stage.ExecuteAsync($"SELECT 1 FROM erasure_destinations WHERE request_id = '{request}' AND action = 'not_possible'") is not null, "the hub to give the destination up");
        since.Restart();
        named = await sightings.OfAsync(hub, since, (DiagnosisCode.ErasureIncomplete, request));
        await sightings.OverAsync(hub, since, DiagnosisCode.ErasureOverdue, request);
        await sightings.FollowAsync(hub, named[0]);

        // Which has no calls left until tomorrow, so that nobody can ask it before: its part is taken away.
        await stage.ExecuteAsync($"DELETE FROM erasure_destinations WHERE request_id = '{request}' AND destination = '{StuckStage.Thrifty}'");
        stage.ToDistant.Mend();
        since.Restart();
        await Sightings.CallAsync(hub, "erase", "retry", request, "--reason", "it answers again");
        await sightings.OverAsync(hub, since, DiagnosisCode.ErasureIncomplete, request);
        await sightings.OverAsync(hub, since, DiagnosisCode.ErasureHeld, request);
    }

    private static Task AgeAsync(StuckStage stage, string request, string how) => stage.ExecuteAsync($"UPDATE erasures SET {how} WHERE correlation_id = '{request}'");
}
