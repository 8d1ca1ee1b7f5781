namespace IntegrationHub.Storage.Shadows;

/// <summary>What a shadow states something of, as it is kept.</summary>
public static class ShadowKind
{
    /// <summary>An attribute of somebody.</summary>
    public const string Attribute = "attribute";

    /// <summary>The address or the phone number of somebody who is filed under another key: <c>email</c> or <c>phone</c>.</summary>
    public const string Key = "key";

    /// <summary>Whether somebody is in an audience.</summary>
    public const string Audience = "audience";

    /// <summary>The keys of people that are compared as attributes are.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["email", "phone"];
}
