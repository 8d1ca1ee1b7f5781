using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Braze;

/// <summary>What to do where Braze knows the key and refuses nevertheless.</summary>
internal static class BrazeRepairs
{
    private const string OfInstance = "Put the REST endpoint of your own instance into base_url (in Braze: Settings, APIs and Identifiers), for example https://rest.iad-01.braze.com.";

    public static IReadOnlyDictionary<string, Repair> All { get; } = new Dictionary<string, Repair>(
        BrazePermissions.Needed.Keys.Select(endpoint => KeyValuePair.Create(BrazePermissions.CodeOf(endpoint), OfPermission(endpoint))), StringComparer.Ordinal)
    {
        [BrazeOutcomes.AccessDenied] = new(
            "permissions", "The API key lacks a permission.", "Make an API key with every permission that the connector's README names, as those of a key cannot be changed, and put it where the destination's credentials point to."),
        ["braze_forbidden"] = new("account", "The account or its plan is inactive at Braze.", "Ask Braze's support or whoever holds the contract."),
        ["braze_invalid_url"] = new("address", "What answers at base_url is no REST endpoint of Braze.", OfInstance),
        ["braze_415"] = new("address", "Something between the hub and Braze changes the requests' content type.", "Let the proxy pass requests to the host of base_url unchanged."),
        ["braze_bad_attribute_name"] = new(
            "audience", "The audience's name is none that Braze takes for a custom attribute.",
            "Use at most 255 characters and no $ at the start: audience_name_pattern, or the audience's name under audiences, in the destination's file."),
    };

    private static Repair OfPermission(VendorEndpoint endpoint)
    {
        var finding = BrazePermissions.Missing(endpoint);
        return new("permissions", finding.Problem, finding.Fix);
    }
}
