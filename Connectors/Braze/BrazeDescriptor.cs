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

    /// <summary>Ids per request, wherever ids are listed.</summary>
    public const int MaxIds = 50;

    /// <summary>Each record of the operations that concern two identities needs two ids of the export that goes before.</summary>
    private const int MaxPairs = MaxIds / 2;

    private static readonly OperationLimits Objects = new(MaxObjects, MaxBytes, RepeatIsHarmless: true);
    private static readonly OperationLimits Ids = new(MaxIds, MaxBytes, RepeatIsHarmless: true);

    /// <summary>A look, then the change.</summary>
    private static readonly OperationLimits Pairs = new(MaxPairs, MaxBytes, RepeatIsHarmless: true) { CallsPerBatch = 2 };

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
            [Operation.UpsertProfile] = Objects,
            [Operation.AddMember] = Objects,
            [Operation.RemoveMember] = Objects,
            [Operation.SetConsent] = Ids,
            // The people are looked up before, fifty at a time.
            [Operation.TrackEvent] = Objects with { RepeatIsHarmless = false, CallsPerBatch = 3 },
            [Operation.ChangeKey] = Pairs,
            [Operation.MergeProfiles] = Pairs,
            [Operation.AddAlias] = Ids with { CallsPerBatch = 2 },
            [Operation.IdentifyProfile] = Pairs,
            // The unidentified profiles with a person's address are looked up one address at a time.
            [Operation.DeleteProfile] = Ids with { CallsPerBatch = 2 + MaxIds },
        },
        MaxConcurrency = 16,
        RateLimits =
        [
            Fixed("export", 40, TimeSpan.FromSeconds(1), "workspace, /users/export/ids with fields_to_export", BrazeApiVersion.Export),
            Fixed("track", 3000, TimeSpan.FromSeconds(3), "workspace, /users/track", BrazeApiVersion.Track),
            Fixed("rename", 1000, TimeSpan.FromMinutes(1), "workspace, /users/external_ids/rename", BrazeApiVersion.Rename),
            Fixed("remove_ids", 1000, TimeSpan.FromMinutes(1), "workspace, /users/external_ids/remove", BrazeApiVersion.RemoveIds),
            Fixed("subscription", 5000, TimeSpan.FromMinutes(1), "workspace, both versions of /subscription/status/set", BrazeApiVersion.SubscriptionStatus),
            Fixed(
                "identity", 20_000, TimeSpan.FromMinutes(1), "workspace, /users/delete, /users/alias/new, /users/alias/update, /users/identify, /users/merge",
                BrazeApiVersion.Delete, BrazeApiVersion.NewAlias, BrazeApiVersion.Identify, BrazeApiVersion.Merge),
            Fixed(
                "general", 250_000, TimeSpan.FromHours(1), "workspace, one pool of most other endpoints",
                BrazeApiVersion.EmailStatus, BrazeApiVersion.Unsubscribes, BrazeApiVersion.HardBounces, BrazeApiVersion.InvalidPhones, BrazeApiVersion.EventSeries),
            Fixed(
                "attributes", 1000, TimeSpan.FromHours(1), "workspace, /custom_attributes, /events, /events/list, /purchases/product_list",
                BrazeApiVersion.CustomAttributes, BrazeApiVersion.Events),
        ],
        Settings =
        [
            new(BrazeOptions.ApiKeySetting, "REST API key of the workspace with the permissions that the README lists.", Required: true, Secret: true),
        ],
        ProfileEndpoints = [BrazeApiVersion.Track, BrazeApiVersion.Export],
        ReadBackEndpoints = [BrazeApiVersion.Export],
        Automation =
        [
            "Action-based campaigns and Canvases start for whom something changes, by calls of the API too: 'Change Custom Attribute Value' (an audience is such an attribute), 'Add an Email Address', 'Update Subscription Status', 'Update Subscription Group Status' (https://www.braze.com/docs/user_guide/messaging/campaigns/schedule_your_campaign/triggered_delivery/attribute_triggers).",
            "Segments over the field are recalculated: who enters one may be sent what is scheduled for it.",
        ],
        TopicOptOutsNotTold =
            "Braze lists nobody by a change of a subscription group, so an opt-out of a topic made there is not heard of: Braze leaves the person alone, other vendors do not. Export the group's unsubscribed people as often as "
            + "it matters and load them with 'consent load FILE --purpose PURPOSE --status denied --source braze_export' (https://www.braze.com/docs/api/endpoints/subscription_groups/get_list_user_subscription_group_status).",
        NotShown =
        [
            "States of subscription groups, what people did besides the event of the canary person herself, and messages that they received are not looked at: an export does not tell the first, and no field holds the others (https://www.braze.com/docs/api/endpoints/export/user_data/post_users_identifier).",
            "Of Braze's own fields, such as country or language, which it fills by itself, only values are recognised that the canary person has.",
        ],
        TakesNestedFields = true,
        TakesListElements = true,
        QuietEvents = new(
            "_backfill",
            "Campaigns and Canvases with the trigger 'Perform Custom Event' or 'Make Purchase' start by an event whatever its time; each listens to names, and Braze takes a name that it does not know as a new one "
            + "(https://www.braze.com/docs/user_guide/data/custom_data/custom_events)."),
        PermissionsNotProven = BrazePermissions.NotProven,
        Repairs = BrazeRepairs.All,
        Endpoints =
        [
            BrazeApiVersion.Track, BrazeApiVersion.Export, BrazeApiVersion.Delete, BrazeApiVersion.NewAlias, BrazeApiVersion.Identify, BrazeApiVersion.Merge,
            BrazeApiVersion.Rename, BrazeApiVersion.RemoveIds, BrazeApiVersion.SubscriptionStatus, BrazeApiVersion.EmailStatus, BrazeApiVersion.Unsubscribes,
            BrazeApiVersion.HardBounces, BrazeApiVersion.InvalidPhones, BrazeApiVersion.CustomAttributes, BrazeApiVersion.EventSeries, BrazeApiVersion.Events,
        ],
        Retirements = BrazeRetirements.All,
    };

    /// <summary>Braze's windows are aligned to the clock, see https://www.braze.com/docs/api/api_limits</summary>
    private static RateLimit Fixed(string name, int calls, TimeSpan window, string scope, params VendorEndpoint[] endpoints)
        => new(name, calls, window, scope) { Kind = RateWindow.Fixed, Endpoints = endpoints };
}
