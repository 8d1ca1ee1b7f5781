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
