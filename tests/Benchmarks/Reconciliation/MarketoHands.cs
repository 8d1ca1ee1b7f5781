using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Reconciliation;

/// <summary>Somebody else at Marketo, where whoever calls too often waits.</summary>
internal sealed class MarketoHands : IOtherHands
{
    public const string Vendor = "marketo";
    private const int PerCall = 300;
    private const string TooOften = "606";

    public string Destination => Vendor;

    /// <summary>https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/rest-api</summary>
    public int CallsPerDay => 50_000;

    public double LeastShare => 0.01;

    public int Settles => 0;

    public TimeSpan ShownAfter => TimeSpan.Zero;

    public async Task PlantAsync(HubProcess sandbox, string[] members, int planted)
    {
        using var vendor = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{sandbox.Port}/marketo/") };
        var token = await vendor.GetFromJsonAsync<JsonElement>("identity/oauth/token?grant_type=client_credentials&client_id=sandbox-marketo-client-id&client_secret=sandbox-marketo-client-secret");
        vendor.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.GetProperty("access_token").GetString());
        var lists = await CallAsync(vendor, HttpMethod.Get, $"rest/v1/lists.json?name={Uri.EscapeDataString("Customers (IntegrationHub)")}");
        var list = lists.GetProperty("result")[0].GetProperty("id").GetInt64();
        long[] leads = [.. members.Select(id => long.Parse(id, CultureInfo.InvariantCulture))];
        foreach (var ids in leads[..planted].Chunk(PerCall))
        {
            await CallAsync(vendor, HttpMethod.Delete, $"rest/v1/lists/{list}/leads.json?id={string.Join(',', ids)}");
        }

        foreach (var ids in leads[planted..(2 * planted)].Chunk(PerCall))
        {
            await CallAsync(vendor, HttpMethod.Post, "rest/v1/leads/delete.json", new { input = ids.Select(id => new { id }) });
        }

        foreach (var ids in leads[(2 * planted)..(3 * planted)].Chunk(PerCall))
        {
            await CallAsync(vendor, HttpMethod.Post, "rest/v1/leads.json", new { action = "updateOnly", lookupField = "id", input = ids.Select(id => new { id, lastName = "Changed" }) });
        }

        foreach (var ids in leads[(3 * planted)..].Chunk(PerCall))
        {
            var twins = await CallAsync(vendor, HttpMethod.Post, "rest/v1/leads.json", new { action = "createOrUpdate", lookupField = "email", input = ids.Select(id => new { email = $"twin-{id}@example.test" }) });
            foreach (var (twin, lead) in IdsOf(twins).Zip(ids))
            {
                await CallAsync(vendor, HttpMethod.Post, $"rest/v1/leads/{twin}/merge.json?leadId={lead}");
            }
        }

        foreach (var strangers in Enumerable.Range(0, planted).Chunk(PerCall))
        {
            var made = await CallAsync(vendor, HttpMethod.Post, "rest/v1/leads.json", new
            {
                action = "createOrUpdate", lookupField = "email",
                input = strangers.Select(stranger => string.Create(CultureInfo.InvariantCulture, $"by-hand-{stranger}")).Select(key => new { email = $"{key}@example.test", hubExternalId = key }),
            });
            await CallAsync(vendor, HttpMethod.Post, $"rest/v1/lists/{list}/leads.json?id={string.Join(',', IdsOf(made))}");
        }
    }

    private static IEnumerable<long> IdsOf(JsonElement answer) => answer.GetProperty("result").EnumerateArray().Select(lead => lead.GetProperty("id").GetInt64());

    private static async Task<JsonElement> CallAsync(HttpClient vendor, HttpMethod method, string path, object? body = null)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (true)
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
            using var answer = await vendor.SendAsync(request);
            answer.EnsureSuccessStatusCode();
            var told = await answer.Content.ReadFromJsonAsync<JsonElement>();
            if (told.GetProperty("success").GetBoolean())
            {
                return told;
            }

            if (told.GetProperty("errors")[0].GetProperty("code").GetString() != TooOften)
            {
                throw new InvalidOperationException($"{path}: {told}");
            }

            await pause.WaitForNextTickAsync();
        }
    }
}
