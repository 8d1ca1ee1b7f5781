using System.Text.Json;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Tests.Security;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Versions;

/// <summary>PostgreSQL ends one of two transactions that wait for each other. When that is the version that comes into force, nothing of it stands and it is tried again.</summary>
[NonParallelizable]
public sealed class When_work_and_a_rename_wait_for_each_other
{
    /// <summary>A turn writes down what became of a delivery: it has the delivery's row, and wants that of the member, which the rename has.</summary>
    [TestCase("audiences", "customers", "UPDATE deliveries SET attempt = attempt", "UPDATE destination_members SET in_doubt = in_doubt")]
    [TestCase("sources", "web", "UPDATE fact_volumes SET facts = facts WHERE producer = 'web'", "UPDATE quarantined_facts SET path = path WHERE producer = 'web'")]
    public async Task Should_be_tried_again(string folder, string name, string first, string second)
    {
        await using var hub = await HubWithKeys.StartAsync(StorageDatabase.Postgres, settings: "--Hub:Config:Poll=00:01:00");
        var (_, anna) = await hub.MakeAsync("person:anna", "admin", "approver");
        var files = (await hub.CallAsync(anna, "GET /v1/config")).Body.GetProperty("active").GetProperty("files").Deserialize<Dictionary<string, string>>()!;
        await PrepareAsync(hub, anna, files, folder);
        Rename(files, folder, name, "called");
        var (status, plan, _) = await hub.CallAsync(anna, "POST /v1/config/versions/plan", new { files, effects = "none" });
        Assert.That(status, Is.EqualTo(200), plan.ToString());

        Task<(int Status, JsonElement Body, HttpResponseMessage Answer)> applying = null!;
        await Transactions(hub).RunAsync(
            async (db, _) =>
            {
                await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
                await session.ExecuteAsync("SET LOCAL deadlock_timeout = '1min'", CancellationToken.None); // the other one finds out
                Assert.That(await session.ExecuteAsync(first, CancellationToken.None), Is.EqualTo(1));
                applying = hub.CallAsync(anna, "POST /v1/config/versions/apply", new { files, plan_hash = plan.GetProperty("plan_hash").GetString() });
                await Poll.Until(() => IsAnyoneWaitingAsync(hub), "the rename to wait for the row");
                Assert.That(await session.ExecuteAsync(second, CancellationToken.None), Is.EqualTo(1));
            },
            CancellationToken.None);
        var (applied, body, _) = await applying;
        Assert.That((applied, body.GetProperty("state").GetString()), Is.EqualTo((200, "active")), body.ToString());
        Assert.That(await CountAsync(hub, "SELECT (SELECT count(*) FROM destination_members WHERE audience = 'called') + (SELECT count(*) FROM quarantined_facts WHERE producer = 'called')"), Is.EqualTo(1));
    }

    private static void Rename(Dictionary<string, string> files, string folder, string from, string to)
    {
        files[$"{folder}/{to}.yaml"] = files[$"{folder}/{from}.yaml"];
        files.Remove($"{folder}/{from}.yaml");
        files["renames.yaml"] = $"{folder}: {{ {from}: {to} }}\n";
        files["consent.yaml"] = files["consent.yaml"].Replace($"list:{from}", $"list:{to}", StringComparison.Ordinal);
    }

    /// <summary>What the other transaction writes, and what the version renames.</summary>
    private static async Task PrepareAsync(HubWithKeys hub, string anna, Dictionary<string, string> files, string folder)
    {
        if (folder == "audiences")
        {
            await ExecuteAsync(hub, "INSERT INTO destination_members (destination, audience, profile_id, is_member, added_by_hub, in_doubt, confirmed_at) VALUES ('elsewhere', 'customers', 1, true, true, false, now())");
            await ExecuteAsync(hub, "INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, attempt, created_at) VALUES (gen_random_uuid(), 'elsewhere', 'live', 0, 2, 1, 'customers', now() + interval '1 day', 0, now())");
            return;
        }

        await ExecuteAsync(hub, "INSERT INTO quarantined_facts (quarantine_id, received_at, path, code, problem, body, producer) VALUES (gen_random_uuid(), now(), '', 'missing', 'is missing', '\\x7b7d', 'web')");
        await ExecuteAsync(hub, "INSERT INTO fact_volumes (hour, event_type, producer, facts, quarantined, last_at) VALUES (now(), 'profile_updated', 'web', 1, 0, now())");
        files["sources/web.yaml"] = "dialect: census\nsignature: { scheme: bearer, secret: { env: PATH } }\n";
        var (_, plan, _) = await hub.CallAsync(anna, "POST /v1/config/versions/plan", new { files, effects = "none" });
        await hub.CallAsync(anna, "POST /v1/config/versions/apply", new { files, plan_hash = plan.GetProperty("plan_hash").GetString() });
        hub.Services.GetRequiredService<IntegrationHub.Hub.Versions.RunningConfiguration>().Became(2);
    }

    private static OutboxTransaction Transactions(HubWithKeys hub) => hub.Services.GetRequiredService<OutboxTransaction>();

    private static async Task<bool> IsAnyoneWaitingAsync(HubWithKeys hub) => await CountAsync(hub, "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')") > 0;

    private static Task<long> CountAsync(HubWithKeys hub, string sql) => Transactions(hub).ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return (long)(await session.ScalarAsync(sql, CancellationToken.None))!;
    });

    private static Task ExecuteAsync(HubWithKeys hub, string sql) => Transactions(hub).RunAsync(
        async (db, _) =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync(sql, CancellationToken.None);
        },
        CancellationToken.None);
}
