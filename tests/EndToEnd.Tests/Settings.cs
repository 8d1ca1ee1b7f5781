using IntegrationHub.TestServers;

namespace EndToEnd.Tests;

/// <summary>Environment of a hub process in either mode.</summary>
internal static class Settings
{
    /// <summary>Every destination at an outside sandbox; short timeouts so that a killed hub's work is taken up at once.</summary>
    public static Dictionary<string, string> AtSandbox(HubProcess sandbox) => new()
    {
        ["Hub__Destinations__braze__BaseUrl"] = $"http://127.0.0.1:{sandbox.Port}/braze",
        ["Hub__Destinations__hubspot__BaseUrl"] = $"http://127.0.0.1:{sandbox.Port}/hubspot",
        ["Hub__Destinations__marketo__BaseUrl"] = $"http://127.0.0.1:{sandbox.Port}/marketo",
        ["BRAZE_API_KEY"] = "sandbox-braze-api-key",
        ["HUBSPOT_ACCESS_TOKEN"] = "sandbox-hubspot-access-token",
        ["MARKETO_CLIENT_ID"] = "sandbox-marketo-client-id",
        ["MARKETO_CLIENT_SECRET"] = "sandbox-marketo-client-secret",
        ["Hub__ProgressTimeout"] = "00:00:03",
        ["Hub__Delivery__Quotas"] = "false",
        ["Hub__Delivery__LeaseLength"] = "00:00:30", // one that is lost on a slow machine makes events doubtful; those of a killed hub are freed when it starts again
        ["Hub__Delivery__ClaimSize"] = "300",
        ["Hub__Delivery__LongestRetryDelay"] = "00:00:02",
        ["Hub__Delivery__LongestCircuitPause"] = "00:00:02",
    };

    public static Dictionary<string, string> Embedded(this Dictionary<string, string> settings, string folder) =>
        new(settings) { ["Hub__Bus"] = "InMemory", ["Hub__Database"] = "Sqlite", ["Hub__DataPath"] = folder, ["Hub__Delivery__LeaseLength"] = "00:00:03" };

    public static Dictionary<string, string> Production(this Dictionary<string, string> settings, string postgres, Uri rabbitMq) =>
        new(settings) { ["Hub__Bus"] = "RabbitMq", ["Hub__Database"] = "Postgres", ["Hub__ConnectionString"] = postgres, ["Hub__RabbitMq"] = rabbitMq.ToString() };
}
