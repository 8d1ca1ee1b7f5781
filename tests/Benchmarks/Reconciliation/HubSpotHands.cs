using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Reconciliation;

/// <summary>Somebody else at HubSpot.</summary>
internal sealed class HubSpotHands : IOtherHands
{
    public const string Vendor = "hubspot";
    private const int PerCall = 100;
    private const int AtOnce = 8;

    public string Destination => Vendor;

    /// <summary>Of a Professional account: https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines</summary>
    public int CallsPerDay => 625_000;

    public double LeastShare => 0.0001;

    public int Settles => 120;

    public TimeSpan ShownAfter => TimeSpan.FromSeconds(6);

    public async Task PlantAsync(HubProcess sandbox, string[] members, int planted)
    {
        using var vendor = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{sandbox.Port}/hubspot/") };
        vendor.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "sandbox-hubspot-access-token");
        var known = await vendor.GetFromJsonAsync<JsonElement>($"crm/v3/lists/object-type-id/0-1/name/{Uri.EscapeDataString("Customers (IntegrationHub)")}");
        var list = known.GetProperty("list").GetProperty("listId").GetString();
        foreach (var ids in members[..planted].Chunk(PerCall))
        {
            await PutAsync(vendor, $"crm/v3/lists/{list}/memberships/remove", ids);
        }

        foreach (var ids in members[planted..(2 * planted)].Chunk(PerCall))
        {
            await PostAsync(vendor, "crm/v3/objects/contacts/batch/archive", new { inputs = ids.Select(id => new { id }) });
        }

        foreach (var ids in members[(2 * planted)..(3 * planted)].Chunk(PerCall))
        {
            await PostAsync(vendor, "crm/v3/objects/contacts/batch/update", new { inputs = ids.Select(id => new { id, properties = new { lastname = "Changed" } }) });
        }

        foreach (var ids in members[(3 * planted)..].Chunk(PerCall))
        {
            var twins = await PostAsync(vendor, "crm/v3/objects/contacts/batch/create", new { inputs = ids.Select(id => new { properties = new { email = $"twin-{id}@example.test" } }) });
            var pairs = twins.GetProperty("results").EnumerateArray().Select(twin => twin.GetProperty("id").GetString()!).Zip(ids);
            await Parallel.ForEachAsync(pairs, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (pair, _) =>
                await PostAsync(vendor, "crm/v3/objects/contacts/merge", new { primaryObjectId = pair.First, objectIdToMerge = pair.Second }));
        }

        foreach (var strangers in Enumerable.Range(0, planted).Chunk(PerCall))
        {
            var made = await PostAsync(vendor, "crm/v3/objects/contacts/batch/create", new
            {
                inputs = strangers.Select(stranger => string.Create(CultureInfo.InvariantCulture, $"by-hand-{stranger}")).Select(key => new { properties = new { email = $"{key}@example.test", hub_external_id = key } }),
            });
            await PutAsync(vendor, $"crm/v3/lists/{list}/memberships/add", [.. made.GetProperty("results").EnumerateArray().Select(contact => contact.GetProperty("id").GetString()!)]);
        }
    }

    private static async Task<JsonElement> PostAsync(HttpClient vendor, string path, object body)
    {
        using var answer = await vendor.PostAsJsonAsync(path, body);
        answer.EnsureSuccessStatusCode();
        var text = await answer.Content.ReadAsStringAsync();
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    private static async Task PutAsync(HttpClient vendor, string path, string[] ids)
    {
        using var answer = await vendor.PutAsJsonAsync(path, ids);
        answer.EnsureSuccessStatusCode();
    }
}
