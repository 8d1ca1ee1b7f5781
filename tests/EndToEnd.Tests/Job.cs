using System.Net;
using System.Text.Json;
using IntegrationHub.TestServers;

namespace EndToEnd.Tests;

/// <summary>The main job as an operator does it over HTTP.</summary>
internal static class Job
{
    public static async Task<Guid> LoadSnapshotAsync(HubProcess hub, Stream csv)
    {
        var (status, body) = await hub.PostCsvAsync("/v1/audiences/customers/snapshots", csv, "customers.csv");
        Assert.That(status, Is.EqualTo(HttpStatusCode.Created), body.ToString());
        return body.GetProperty("snapshot_id").GetGuid();
    }

    public static async Task<IReadOnlyList<Guid>> StartAsync(HubProcess hub, Guid? snapshotId, string mode = "full", params string[] destinations)
    {
        var (status, body) = await hub.PostAsync("/v1/audience-syncs", new { audience = "customers", mode, snapshot_id = snapshotId, destinations });
        Assert.That(status, Is.EqualTo(HttpStatusCode.Accepted), body.ToString());
        return [.. body.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("run_id").GetGuid())];
    }

    /// <summary>Waits until every run is over and returns them; approves what waits for approval.</summary>
    public static async Task<IReadOnlyList<JsonElement>> FinishAsync(HubProcess hub, IReadOnlyList<Guid> runIds)
    {
        var runs = new List<JsonElement>();
        foreach (var runId in runIds)
        {
            runs.Add(await Poll.For(() => ShowAsync(hub, runId), run => IsOver(run), $"run {runId} to be over"));
        }

        return runs;
    }

    /// <summary>The run, or an empty element while the hub does not know it yet or is restarting.</summary>
    public static async Task<JsonElement> ShowAsync(HubProcess hub, Guid runId)
    {
        try
        {
            using var answer = await hub.Http.GetAsync($"/v1/runs/{runId}");
            return answer.IsSuccessStatusCode ? JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement : default;
        }
        catch (HttpRequestException)
        {
            return default;
        }
    }

    public static bool IsOver(JsonElement run) =>
        run.ValueKind == JsonValueKind.Object && run.GetProperty("state").GetString() is "Completed" or "CompletedWithIssues" or "Failed" or "Canceled";

    public static long Count(JsonElement run, string outcome) => run.GetProperty("counts").GetProperty(outcome).GetInt64();

    /// <summary>Promise 1: every record has one outcome and nothing is pending.</summary>
    public static void ShouldBalance(JsonElement run)
    {
        var settled = new[] { "delivered", "unchanged", "suppressed", "rejected", "dead_lettered" }.Sum(outcome => Count(run, outcome));
        Assert.Multiple(() =>
        {
            Assert.That(settled, Is.EqualTo(Count(run, "planned")), run.ToString());
            Assert.That(Count(run, "pending"), Is.Zero, run.ToString());
        });
    }

    public static void ShouldBeVerified(JsonElement run)
    {
        var verification = run.GetProperty("verification");
        Assert.Multiple(() =>
        {
            Assert.That(verification.GetProperty("missing").GetInt64(), Is.Zero, run.ToString());
            Assert.That(verification.GetProperty("unexpected").GetInt64(), Is.Zero, run.ToString());
            Assert.That(verification.GetProperty("differing").GetInt64(), Is.Zero, run.ToString());
        });
    }
}
