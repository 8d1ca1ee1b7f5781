namespace IntegrationHub.Hub.Configuration;

/// <summary>The keys of a profile, which are named like attributes in mappings and snapshot columns.</summary>
internal static class CanonicalSource
{
    public const string ExternalId = "external_id";
    public const string Email = "email";
    public const string Phone = "phone";

    /// <summary>True for the name of a key, false for the name of an attribute.</summary>
    public static bool IsKey(string name) => name is ExternalId or Email or Phone;
}
