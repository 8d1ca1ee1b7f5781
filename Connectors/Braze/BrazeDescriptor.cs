using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Braze;

/// <summary>What the connector is and can do.</summary>
internal static class BrazeDescriptor
{
    public const string Name = "braze";

    public const string ExternalId = "external_id";

    public const string Email = "email";

    /// <summary>Objects per request over all arrays, by the newest contracts.</summary>
    public const int MaxObjects = 75;

    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Ids per export.</summary>
    public const int MaxExportedIds = 50;

    private static readonly OperationLimits Limits = new(MaxObjects, MaxBytes, RepeatIsHarmless: true);

    public static ConnectorDescriptor Instance { get; } = new()
    {
        Name = Name,
        DisplayName = "Braze",
        AudienceRepresentation = "boolean custom attribute",
        DefaultIdentityKey = ExternalId,
        IdentityKeys = [ExternalId, Email],
        KeysAreCaseInsensitive = false,
        Operations = new Dictionary<Operation, OperationLimits>
        {
            [Operation.UpsertProfile] = Limits,
            [Operation.AddMember] = Limits,
            [Operation.RemoveMember] = Limits,
        },
        MaxConcurrency = 16,
        RateLimits =
        [
            new("track", 3000, TimeSpan.FromSeconds(3), "workspace, /users/track"),
            new("export", 40, TimeSpan.FromSeconds(1), "workspace, /users/export/ids with fields_to_export"),
        ],
        Settings =
        [
            new(BrazeOptions.ApiKeySetting, "REST API key of the workspace with the permissions users.track and users.export.ids.", Required: true, Secret: true),
        ],
        Endpoints = [BrazeApiVersion.Track, BrazeApiVersion.Export],
    };
}
