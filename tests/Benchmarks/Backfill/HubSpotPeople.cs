using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Backfill;

/// <summary>The people at HubSpot's sandbox: read from itself, and changed as somebody else would over the vendor's own HTTP.</summary>
internal sealed class HubSpotPeople(HubProcess sandbox)
{
    public const string TouchedName = "Somebody else";
    private const int PerCall = 100;
    private const string Key = "hub_external_id";
    private static readonly string[] _writes = ["crm/v3/objects/contacts/batch/update", "crm/v3/objects/contacts/batch/upsert", "crm/v3/objects/contacts/batch/create"];

    /// <summary>First names by the company's id.</summary>
    public async Task<Dictionary<string, string>> ReadAsync()
    {
        var names = new Dictionary<string, string>();
        using var reader = new StreamReader(await sandbox.Http.GetStreamAsync("/hubspot/_sandbox/state"));
        while (await reader.ReadLineAsync() is { } line)
        {
            using var person = JsonDocument.Parse(line);
            var (keys, fields) = (person.RootElement.GetProperty("keys"), person.RootElement.GetProperty("fields"));
            names[(keys.TryGetProperty(Key, out var key) ? key : fields.GetProperty(Key)).GetString()!] = fields.GetProperty("firstname").GetString()!;
        }

        return names;
    }

    /// <summary>People in all calls that wrote, so far.</summary>
    public async Task<long> SentAsync()
    {
        var stats = await sandbox.GetAsync("/hubspot/_sandbox/stats");
        return stats.GetProperty("endpoints").EnumerateObject().Where(endpoint => _writes.Contains(endpoint.Name)).Sum(endpoint => endpoint.Value.GetProperty("records").GetInt64());
    }

    /// <summary>Somebody else gives people another name.</summary>
    public async Task TouchAsync(IReadOnlyList<string> people)
    {
        using var vendor = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{sandbox.Port}/hubspot/")) };
        vendor.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "sandbox-hubspot-access-token");
        foreach (var some in people.Chunk(PerCall))
        {
            using var answer = await vendor.PostAsJsonAsync(
                "crm/v3/objects/contacts/batch/upsert", new { inputs = some.Select(person => new { id = person, idProperty = Key, properties = new { firstname = TouchedName } }) });
            answer.EnsureSuccessStatusCode();
        }
    }
}
