using IntegrationHub.Connectors.Abstractions.Notices;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>
/// Ends that HubSpot announced of paths that are called. An entry goes when <see cref="HubSpotApiVersion"/> names other paths. "Unsupported" is HubSpot's word: the paths may go on answering, without corrections
/// and without warning when they stop.
/// </summary>
internal static class HubSpotRetirements
{
    private const string ToDo = "Install a version of the hub whose connector calls the dated paths before that day; the connector's table of endpoints in Connectors/COMPATIBILITY.md says which it calls.";

    private static readonly DateOnly _read = new(2026, 11, 28);

    public static IReadOnlyList<Retirement> All { get; } =
    [
        new(
            "HubSpot ends its support of the numbered version v4, here the paths by which consent is written and read.", ToDo,
            new("https://developers.hubspot.com/changelog/deprecating-support-for-hubspot-v4-apis"), _read)
        {
            EndsOn = new(2027, 3, 30),
            Endpoints = [.. HubSpotApiVersion.All.Where(endpoint => endpoint.ApiVersion == HubSpotApiVersion.V4)],
        },
        new(
            "HubSpot ends its support of the numbered versions v1 to v3, and of tokens of legacy private apps, in September 2027; it names no day, so the first is taken.", ToDo,
            new("https://developers.hubspot.com/changelog/legacy-apis-and-legacy-apps-whats-going-unsupported-and-when"), _read)
        {
            EndsOn = new(2027, 9, 1),
            Endpoints = [.. HubSpotApiVersion.All.Where(endpoint => endpoint.ApiVersion == HubSpotApiVersion.V3)],
        },
    ];
}
