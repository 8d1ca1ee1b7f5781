using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.TestServers;
using Npgsql;

namespace IntegrationHub.Benchmarks.Erasure;

/// <summary>Vendors tell the hub of people who were erased: by notifications of the record that is gone, and by their lists of opt-outs, since somebody made the person anew there.</summary>
internal static class VendorFeeds
{
    public const string Source = "contacts";

    /// <summary>The feeds are asked this often.</summary>
    public const string Interval = "00:00:05";

    /// <summary>The file of the source of HubSpot's notifications.</summary>
    /// <param name="secret">The file that holds what its calls carry.</param>
    public static string SourceFile(string secret) =>
        $"dialect: hubspot\ndestination: hubspot\nsignature: {{ scheme: bearer, secret: {{ file: {secret} }} }}\nopt_outs:\n  hs_email_optout: {{ purpose: email_marketing, denied: [\"true\"] }}\n";

    /// <summary>Tells everything, and waits until the hub has heard it.</summary>
    /// <param name="remote">Under which ids HubSpot had each.</param>
    /// <returns>What was answered, and how many opt-outs were left because of whom they name.</returns>
    public static async Task<JsonObject> TellAsync(HubProcess hub, HubProcess sandbox, NpgsqlDataSource sql, IReadOnlyDictionary<GonePerson, string[]> remote, string secret)
    {
        var before = await LeftAsync(sql);
        var answers = new JsonObject { ["notifications"] = await NotifyAsync(hub, remote, secret) };
        GonePerson[] made = [.. remote.Keys.Where(person => !person.SharesAddress)];
        await AtBrazeAsync(sandbox, made);
        await AtMarketoAsync(sandbox, made);
        answers["made_anew_at_hubspot"] = await AtHubSpotAsync(sandbox, made);
        await Poll.Until(async () => await LeftAsync(sql) - before >= 2 * made.Length, "Braze and Marketo to tell that they opted out");
        await HubTables.QuietAsync(sql);
        answers["opt_outs_left"] = await LeftAsync(sql) - before;
        return answers;
    }

    private static Task<long> LeftAsync(NpgsqlDataSource sql) => HubTables.CountAsync(sql, "SELECT coalesce(sum(count), 0)::bigint FROM erased_facts WHERE event_type = 'consent_updated'");

    /// <summary>https://developers.hubspot.com/docs/api-reference/legacy/webhooks/guide</summary>
    private static async Task<JsonNode?> NotifyAsync(HubProcess hub, IReadOnlyDictionary<GonePerson, string[]> remote, string secret)
    {
        var at = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var number = 0;
        var told = remote.SelectMany(person => person.Value.SelectMany(id => new[]
        {
            Notification("contact.propertyChange", id, "hs_email_optout", "true"),
            Notification("contact.propertyChange", id, "email", person.Key.Email),
            Notification("contact.privacyDeletion", id, null, null),
            Notification("contact.creation", id, null, null),
        })).ToList();
        using var call = new HttpRequestMessage(HttpMethod.Post, $"/v1/webhooks/{Source}") { Content = JsonContent.Create(told) };
        call.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        using var answer = await hub.Http.SendAsync(call);
        var said = await answer.Content.ReadAsStringAsync();
        Require.That(answer.IsSuccessStatusCode && told.Count > 0, $"{told.Count} notifications: {said}");
        return JsonNode.Parse(said);

        object Notification(string type, string id, string? property, string? value) => new
        {
            eventId = ++number, subscriptionId = 1, portalId = 62515, appId = 1, occurredAt = at, subscriptionType = type, attemptNumber = 0, objectId = long.Parse(id, System.Globalization.CultureInfo.InvariantCulture),
            propertyName = property, propertyValue = value, changeSource = "CRM_UI",
        };
    }

    private static async Task AtBrazeAsync(HubProcess sandbox, GonePerson[] people)
    {
        using var vendor = At(sandbox, "braze", "sandbox-braze-api-key");
        await PostAsync(vendor, "users/track", new { attributes = people.Select(person => new { external_id = person.Id, email = person.Email, first_name = "Kim" }) });
        await PostAsync(vendor, "email/status", new { email = people.Select(person => person.Email), subscription_state = "unsubscribed" });
    }

    private static async Task AtMarketoAsync(HubProcess sandbox, GonePerson[] people)
    {
        using var vendor = At(sandbox, "marketo", token: null);
        var token = await vendor.GetFromJsonAsync<JsonElement>("identity/oauth/token?grant_type=client_credentials&client_id=sandbox-marketo-client-id&client_secret=sandbox-marketo-client-secret");
        vendor.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.GetProperty("access_token").GetString());
        foreach (var unsubscribed in new[] { false, true })
        {
            await PostAsync(vendor, "rest/v1/leads.json", new { action = "createOrUpdate", lookupField = "email", input = people.Select(person => new { email = person.Email, hubExternalId = person.Id, unsubscribed }) });
        }
    }

    /// <summary>Who was deleted for privacy may be refused there: what it answers is noted.</summary>
    private static async Task<int> AtHubSpotAsync(HubProcess sandbox, GonePerson[] people)
    {
        using var vendor = At(sandbox, "hubspot", "sandbox-hubspot-access-token");
        using var answer = await vendor.PostAsJsonAsync("crm/v3/objects/contacts/batch/create", new { inputs = people.Select(person => new { properties = new { email = person.Email, hub_external_id = person.Id } }) });
        return (int)answer.StatusCode;
    }

    private static HttpClient At(HubProcess sandbox, string vendor, string? token)
    {
        var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{sandbox.Port}/{vendor}/") };
        client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private static async Task PostAsync(HttpClient vendor, string path, object body)
    {
        using var answer = await vendor.PostAsJsonAsync(path, body);
        var said = await answer.Content.ReadAsStringAsync();
        Require.That(answer.IsSuccessStatusCode && !said.Contains("\"errors\"", StringComparison.Ordinal), $"{path}: {said}");
    }
}
