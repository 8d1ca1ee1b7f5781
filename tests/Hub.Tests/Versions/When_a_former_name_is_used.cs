using System.Net.Http.Headers;
using System.Text.Json;
using Hub.Tests.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Tests.Security;
using IntegrationHub.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Versions;

/// <summary>Producers, bookmarks and people go on with the name that they know, for as long as <c>renames.yaml</c> says it.</summary>
[TestFixture]
[NonParallelizable]
public sealed class When_a_former_name_is_used
{
    [Test]
    public async Task Should_answer_for_the_audience_that_it_was()
    {
        using var folder = new ConfigurationFixture().Write("renames.yaml", "audiences: { clients: customers }\n");
        await using var hub = await HubWithKeys.StartAsync(StorageDatabase.Sqlite, settings: $"--Hub:ConfigPath={folder.Folder}");
        var columns = folder.LoadWell().Audiences["customers"].Columns;
        var rows = $"{string.Join(',', columns.Select(column => column.Header))}\nc-1{new string(',', columns.Count - 1)}\n";
        using var list = new StringContent(rows, System.Text.Encoding.UTF8, "text/csv");
        var snapshot = await CallAsync(hub, HttpMethod.Post, "/v1/audiences/clients/snapshots", list);
        Assert.That(snapshot.GetProperty("audience").GetString(), Is.EqualTo("customers"));

        using var change = new StringContent("""{"op":"add","external_id":"c-2"}""" + "\n", System.Text.Encoding.UTF8, "application/x-ndjson");
        await CallAsync(hub, HttpMethod.Post, "/v1/audiences/clients/changes", change);
        Assert.That(await AudiencesAsync(hub), Is.EqualTo(new[] { "customers" }), "the one change that says whose member somebody is");

        var (status, started, _) = await hub.CallAsync(HubWithKeys.Key, "POST /v1/audience-syncs", new { audience = "clients", destinations = new[] { "braze" } });
        Assert.That((status, started.GetProperty("runs")[0].GetProperty("audience").GetString()), Is.EqualTo((202, "customers")), started.ToString());
        foreach (var route in new[] { "GET /v1/runs?audience=clients", "GET /v1/identities/matches?audience=clients", "GET /v1/reconciliations/plan?audience=clients&destination=braze" })
        {
            var (code, found, _) = await hub.CallAsync(HubWithKeys.Key, route);
            var told = found.TryGetProperty("items", out var items) ? items[0] : found;
            Assert.That((code, told.GetProperty("audience").GetString()), Is.EqualTo((200, "customers")), $"{route}: {found}");
        }

        Assert.That((await hub.CallAsync(HubWithKeys.Key, "POST /v1/audience-syncs", new { audience = "patrons" })).Status, Is.EqualTo(404));
    }

    /// <summary>A sender calls the address that it was given, and people ask by the name that they know.</summary>
    [Test]
    public async Task Should_answer_for_the_source_that_it_was()
    {
        const string Proven = "signature: { scheme: bearer, secret: { file: shop.secret } }\n";
        using var folder = new ConfigurationFixture().Write("shop.secret", HubWithKeys.Key)
            .Write("sources/shop.yaml", $"dialect: json\n{Proven}facts:\n  - event_type: profile_updated\n    occurred_at: /at\n    event_id: /id\n    subject: {{ external_id: /person }}\n    attributes: {{ first_name: /name }}\n")
            .Write("sources/sync.yaml", $"dialect: census\n{Proven}")
            .Replace("consent.yaml", "  \"*\": { may: [deny] }", "  shop: { may: [grant, deny] }\n  \"*\": { may: [deny] }")
            .Write("renames.yaml", "sources: { web: shop, mirror: sync }\n");
        await using var hub = await HubWithKeys.StartAsync(StorageDatabase.Sqlite, settings: $"--Hub:ConfigPath={folder.Folder}");
        using var call = new StringContent($$"""{"id":"m-1","at":"{{DateTimeOffset.UtcNow:O}}","person":"w-1","name":"Kim"}""", System.Text.Encoding.UTF8, "application/json");
        Assert.That((await CallAsync(hub, HttpMethod.Post, "/v1/webhooks/web", call)).GetProperty("status").GetString(), Is.EqualTo("kept"));
        using var wrong = new StringContent("""{"id":"m-2","at":"never","person":"w-2","name":"Bo"}""", System.Text.Encoding.UTF8, "application/json");
        await CallAsync(hub, HttpMethod.Post, "/v1/webhooks/web", wrong);
        using var census = new StringContent("""{"jsonrpc":"2.0","id":1,"method":"test_connection","params":{}}""", System.Text.Encoding.UTF8, "application/json");
        Assert.That((await CallAsync(hub, HttpMethod.Post, "/v1/sources/mirror/census", census)).GetProperty("result").GetProperty("success").GetBoolean(), Is.True);
        using var list = new StringContent("external_id,decided_at\nw-1,2026-01-01T00:00:00Z\n", System.Text.Encoding.UTF8, "text/csv");
        var granted = await CallAsync(hub, HttpMethod.Post, "/v1/consents?purpose=email_marketing&status=granted&source=web", list);
        Assert.That(granted.GetProperty("accepted").GetInt64(), Is.EqualTo(1), granted.ToString());

        await TestServers.Poll.Until(async () => await CountAsync(hub, "SELECT count(*) FROM facts WHERE producer = 'shop'") == 1 && await CountAsync(hub, "SELECT count(*) FROM quarantined_facts WHERE producer = 'shop'") == 1, "both calls to be read");
        foreach (var route in new[] { "GET /v1/quarantine?producer=web", "GET /v1/violations?producer=web" })
        {
            var (status, found, _) = await hub.CallAsync(HubWithKeys.Key, route);
            Assert.That((status, found.GetProperty("items")[0].GetProperty("producer").GetString()), Is.EqualTo((200, "shop")), $"{route}: {found}");
        }

        using var stranger = new HttpClient { BaseAddress = hub.Address };
        using var nobody = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        Assert.That((int)(await stranger.PostAsync("/v1/webhooks/store", nobody)).StatusCode, Is.EqualTo(404), "a name that nobody had");
    }

    private static Task<long> CountAsync(HubWithKeys hub, string sql) => hub.Services.GetRequiredService<OutboxTransaction>().ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return (long)(await session.ScalarAsync(sql, CancellationToken.None))!;
    });

    private static Task<List<string>> AudiencesAsync(HubWithKeys hub) => hub.Services.GetRequiredService<OutboxTransaction>().ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return await session.ReadAsync("SELECT DISTINCT audience FROM memberships", row => row.GetString(0), CancellationToken.None);
    });

    private static async Task<JsonElement> CallAsync(HubWithKeys hub, HttpMethod method, string path, HttpContent content)
    {
        using var http = new HttpClient { BaseAddress = hub.Address };
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", HubWithKeys.Key);
        using var answer = await http.SendAsync(request);
        Assert.That(answer.IsSuccessStatusCode, Is.True, await answer.Content.ReadAsStringAsync());
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync());
    }
}
