using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using IntegrationHub.TestServers;
using Npgsql;

namespace IntegrationHub.Benchmarks.Erasure;

/// <summary>Backfills of the scenario, asked for and passed.</summary>
internal static class BackfillCalls
{
    /// <summary>Somebody writes other names at HubSpot, so that a backfill has something to write and to take back.</summary>
    public static async Task RenameAsync(HubProcess sandbox, NpgsqlDataSource sql)
    {
        var ids = new List<string>();
        await using (var command = sql.CreateCommand("SELECT d.remote_id FROM destination_profiles d JOIN profiles p USING (profile_id) WHERE d.destination = 'hubspot' AND (p.external_id LIKE 'gone%' OR p.external_id LIKE 'c1_')"))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                ids.Add(reader.GetString(0));
            }
        }

        using var call = new HttpRequestMessage(HttpMethod.Post, "/hubspot/crm/v3/objects/contacts/batch/update") { Content = JsonContent.Create(new { inputs = ids.Select(id => new { id, properties = new { lastname = "Changed" } }) }) };
        call.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "sandbox-hubspot-access-token");
        using var answer = await sandbox.Http.SendAsync(call);
        Require.That(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public static async Task<Guid> BackfillAsync(HubProcess hub, object body, bool isStarted)
    {
        var (status, begun) = await hub.PostAsync("/v1/backfills", body);
        Require.That((int)status == 202, begun.ToString());
        var runId = begun.GetProperty("run").GetProperty("run_id").GetGuid();
        await Poll.Until(async () => (await hub.GetAsync($"/v1/backfills/{runId}")).GetProperty("plan_hash").ValueKind == JsonValueKind.String, "the plan to stand");
        if (isStarted)
        {
            await PassAsync(hub, runId);
        }

        return runId;
    }

    /// <summary>Agrees to a run's plan and waits for its end.</summary>
    /// <returns>How it ended, and its counts.</returns>
    public static async Task<string> PassAsync(HubProcess hub, Guid runId)
    {
        var shown = await Poll.For(
            () => hub.GetAsync($"/v1/backfills/{runId}"),
            run => run.GetProperty("plan_hash").ValueKind == JsonValueKind.String || run.GetProperty("run").GetProperty("finished_at").ValueKind == JsonValueKind.String, "the plan to stand");
        if (shown.GetProperty("run").GetProperty("finished_at").ValueKind != JsonValueKind.String)
        {
            await hub.PostAsync($"/v1/backfills/{runId}/approve", new { plan_hash = shown.GetProperty("plan_hash").GetString(), reason = "as planned" });
            shown = await Poll.For(() => hub.GetAsync($"/v1/backfills/{runId}"), run => run.GetProperty("run").GetProperty("finished_at").ValueKind == JsonValueKind.String, "the run to end");
        }

        var ended = shown.GetProperty("run");
        return $"{ended.GetProperty("state").GetString()} {ended.GetProperty("counts")} {ended.GetProperty("reasons")}";
    }

    public static async Task<string> RunAsync(HubProcess hub, string path, object body)
    {
        var (status, begun) = await hub.PostAsync(path, body);
        return (int)status == 202 ? await PassAsync(hub, begun.GetProperty("run").GetProperty("run_id").GetGuid()) : $"{(int)status} {begun.GetProperty("type").GetString()}";
    }
}
