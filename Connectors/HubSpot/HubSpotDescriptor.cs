using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>What the HubSpot connector is and can do, as data.</summary>
internal static class HubSpotDescriptor
{
    public const string Name = "hubspot";

    /// <summary>Contacts per batch call; a further one is answered with 400: https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/guide</summary>
    public const int MaxInputs = 100;

    /// <summary>Record ids per membership call. HubSpot publishes no number; the setting <c>membership_batch_size</c> lowers it.</summary>
    public const int MaxMemberships = 1_000;

    /// <summary>Members per page: https://developers.hubspot.com/docs/api-reference/latest/crm/lists/guide</summary>
    public const int MembersPerPage = 250;

    /// <summary>HubSpot publishes no body limit for object calls; bodies stay under this.</summary>
    public const int MaxBytes = 1_000_000;

    public static ConnectorDescriptor Instance { get; } = new()
    {
        Name = Name,
        DisplayName = "HubSpot",
        AudienceRepresentation = "manual list of contacts (segment)",
        DefaultIdentityKey = "hub_external_id",
        IdentityKeys = ["hub_external_id", "email", "*"],
        KeysAreCaseInsensitive = false,
        Operations = new Dictionary<Operation, OperationLimits>
        {
            [Operation.UpsertProfile] = new(MaxInputs, MaxBytes, RepeatIsHarmless: true),
            [Operation.AddMember] = new(MaxMemberships, MaxBytes, RepeatIsHarmless: true),
            [Operation.RemoveMember] = new(MaxMemberships, MaxBytes, RepeatIsHarmless: true),
        },
        MaxConcurrency = 8,
        RateLimits =
        [
            new("burst", 190, TimeSpan.FromSeconds(10), "per private app, Professional and Enterprise (100 for Free and Starter)"),
            new("daily", 625_000, TimeSpan.FromDays(1), "per account, Professional (250,000 Free and Starter, 1,000,000 Enterprise)"),
        ],
        Settings =
        [
            new("access_token", "Token of a private app or service key.", Required: true, Secret: true),
            new("membership_batch_size", "Record ids per list call, 1 to 1000.", Required: false, Secret: false, Default: "1000"),
            new("portal_id", "Account that the token must belong to; a token of another account is refused.", Required: false, Secret: false),
            new("account_time_zone", "Time zone of the account, such as US/Eastern: the daily quota returns at its midnight. Learned from the account when it is checked.", Required: false, Secret: false),
        ],
        Endpoints = HubSpotApiVersion.All,
    };
}
