using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>What the connector is and can do.</summary>
internal static class MarketoDescriptor
{
    public const string Name = "marketo";

    /// <summary>Records per call of the lead database.</summary>
    public const int MaxRecords = 300;

    /// <summary>The vendor says 1 MB and not which; this is the smaller reading.</summary>
    public const int MaxBytes = 1_000_000;

    private static readonly OperationLimits Limits = new(MaxRecords, MaxBytes, RepeatIsHarmless: true);

    public static readonly ConnectorDescriptor Value = new()
    {
        Name = Name,
        DisplayName = "Adobe Marketo Engage",
        AudienceRepresentation = "static list",
        DefaultIdentityKey = "email",
        IdentityKeys = ["email", "*"],
        KeysAreCaseInsensitive = true,
        Operations = new Dictionary<Operation, OperationLimits>
        {
            [Operation.UpsertProfile] = Limits,
            [Operation.AddMember] = Limits,
            [Operation.RemoveMember] = Limits,
        },
        MaxConcurrency = 5,
        RateLimits =
        [
            new("rate", 100, TimeSpan.FromSeconds(20), "all integrations of the instance"),
            new("daily", 50_000, TimeSpan.FromDays(1), "all integrations of the subscription, from midnight US Central"),
        ],
        Settings =
        [
            new(MarketoOptions.ClientId, "Client id of the custom service.", Required: true, Secret: true),
            new(MarketoOptions.ClientSecret, "Client secret of the custom service.", Required: true, Secret: true),
            new(
                MarketoOptions.FolderId, "Folder or program in which missing static lists are created; without it they are not created.",
                Required: false, Secret: false),
            new(MarketoOptions.FolderType, "What folder_id names: Folder or Program.", Required: false, Secret: false, Default: "Folder"),
            new(MarketoOptions.PartitionName, "Lead partition for new people, where the instance uses partitions.", Required: false, Secret: false),
        ],
        Endpoints = MarketoApiVersion.Endpoints,
    };
}
