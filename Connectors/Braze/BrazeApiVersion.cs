using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Braze;

/// <summary>The endpoints in use. Braze's REST API carries no version; the pages are the ones that the connector was written against.</summary>
internal static class BrazeApiVersion
{
    public static VendorEndpoint Track { get; } = Writing("/users/track", "user_data/post_user_track");

    public static VendorEndpoint Export { get; } = Of("POST", "/users/export/ids", "export/user_data/post_users_identifier");

    public static VendorEndpoint Delete { get; } = Writing("/users/delete", "user_data/post_user_delete");

    public static VendorEndpoint NewAlias { get; } = Writing("/users/alias/new", "user_data/post_user_alias");

    public static VendorEndpoint Identify { get; } = Writing("/users/identify", "user_data/post_user_identify");

    public static VendorEndpoint Merge { get; } = Writing("/users/merge", "user_data/post_users_merge");

    public static VendorEndpoint Rename { get; } = Writing("/users/external_ids/rename", "user_data/external_id_migration/post_external_ids_rename");

    public static VendorEndpoint RemoveIds { get; } = Writing("/users/external_ids/remove", "user_data/external_id_migration/post_external_ids_remove");

    public static VendorEndpoint SubscriptionStatus { get; } = Writing(
        "/v2/subscription/status/set", "subscription_groups/post_update_user_subscription_group_status_v2");

    public static VendorEndpoint EmailStatus { get; } = Writing("/email/status", "email/post_email_subscription_status");

    public static VendorEndpoint Unsubscribes { get; } = Of("GET", "/email/unsubscribes", "email/get_query_unsubscribed_email_addresses");

    public static VendorEndpoint HardBounces { get; } = Of("GET", "/email/hard_bounces", "email/get_list_hard_bounces");

    public static VendorEndpoint InvalidPhones { get; } = Of("GET", "/sms/invalid_phone_numbers", "sms/get_query_invalid_numbers");

    public static VendorEndpoint CustomAttributes { get; } = Of("GET", "/custom_attributes", "export/custom_attributes/get_custom_attributes");

    public static VendorEndpoint EventSeries { get; } = Of("GET", "/events/data_series", "export/custom_events/get_custom_events_analytics");

    public static VendorEndpoint Events { get; } = Of("GET", "/events", "export/custom_events/get_custom_events_data");

    private static VendorEndpoint Writing(string path, string page) => Of("POST", path, page) with { WritesPeople = true };

    private static VendorEndpoint Of(string method, string path, string page)
        => new(method, path, "unversioned, 2026-09", new Uri($"https://www.braze.com/docs/api/endpoints/{page}"));
}
