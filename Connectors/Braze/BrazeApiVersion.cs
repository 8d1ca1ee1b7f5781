using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Braze;

/// <summary>The endpoints in use. Braze's REST API carries no version; the pages are the ones that the connector was written against.</summary>
internal static class BrazeApiVersion
{
    public static VendorEndpoint Track { get; } = new(
        "POST", "/users/track", "unversioned, 2026-09", new Uri("https://www.braze.com/docs/api/endpoints/user_data/post_user_track"));

    public static VendorEndpoint Export { get; } = new(
        "POST", "/users/export/ids", "unversioned, 2026-09", new Uri("https://www.braze.com/docs/api/endpoints/export/user_data/post_users_identifier"));
}
