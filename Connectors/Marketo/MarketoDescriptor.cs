using System.Globalization;
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

    /// <summary>The vendor says below 10 MB for the file of an import.</summary>
    public const int MaxImportBytes = 9_900_000;

    /// <summary>Merges per batch: each is a call of its own.</summary>
    public const int MaxMerges = 10;

    /// <summary>Names of the call budgets.</summary>
    public const string Rate = "rate", Daily = "daily";

    /// <summary>Calls per window of the rate limit, and the window's length in seconds.</summary>
    public const int CallsPerWindow = 100, WindowSeconds = 20;

    /// <summary>Calls per day that the vendor's standard contract has.</summary>
    public const int CallsPerDay = 50_000;

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
            [Operation.AddMember] = Limits with { CallsPerBatch = 2 },
            [Operation.RemoveMember] = Limits,
            [Operation.SetConsent] = Limits,
            [Operation.TrackEvent] = Limits with { RepeatIsHarmless = false },
            [Operation.ChangeKey] = Limits with { MaxRecords = MaxRecords / 2, CallsPerBatch = 2 },
            [Operation.MergeProfiles] = Limits with { MaxRecords = MaxMerges, CallsPerBatch = 3 + MaxMerges },
            [Operation.DeleteProfile] = Limits with { CallsPerBatch = 2 },
        },
        MaxConcurrency = 5,
        RateLimits =
        [
            new(Rate, CallsPerWindow, TimeSpan.FromSeconds(WindowSeconds), "all integrations of the instance")
            {
                Kind = RateWindow.Rolling,
                Endpoints = MarketoApiVersion.Counted,
            },
            new(Daily, CallsPerDay, TimeSpan.FromDays(1), "all integrations of the subscription, from midnight US Central")
            {
                Kind = RateWindow.Day,
                Endpoints = MarketoApiVersion.Counted,
                ResetZone = UsCentral.ZoneName,
            },
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
            new(
                MarketoOptions.EventIdAttribute, "API name of the attribute of every custom activity type that holds the hub's event id.",
                Required: false, Secret: false, Default: MarketoOptions.DefaultEventIdAttribute),
            new(
                MarketoOptions.CallsPerDay, "Calls a day that the subscription's contract allows.",
                Required: false, Secret: false, Default: CallsPerDay.ToString(CultureInfo.InvariantCulture)),
            new(
                MarketoOptions.ImportFrom, "Records waiting in one partition from which on they go by bulk import, which saves calls; 0: never.",
                Required: false, Secret: false, Default: MarketoImports.WorthwhileFrom.ToString(CultureInfo.InvariantCulture)),
            new(
                MarketoOptions.ExtractFrom, "Members of a list from which on a comparison reads them from a file (bulk extract), which saves calls and takes of the 500 MB a day that all extracts share; 0: never.",
                Required: false, Secret: false, Default: MarketoExtracts.WorthwhileFrom.ToString(CultureInfo.InvariantCulture)),
        ],
        ProfileEndpoints = [MarketoApiVersion.SyncLeads, MarketoApiVersion.QueryLeads],
        Automation =
        [
            "Smart campaigns with the trigger 'Data Value Changes' run for whom the field changes (https://experienceleague.adobe.com/en/docs/marketo/using/product-docs/core-marketo-concepts/smart-campaigns/creating-a-smart-campaign/define-smart-list-for-smart-campaign-trigger).",
            "Joining and leaving a static list, and every custom activity, is an activity by which smart campaigns are triggered as well; an approved custom activity type brings a trigger of its own (https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/lead-database/activities).",
            "Smart lists over the field are recalculated: who enters one is taken by the next run of a batch campaign over it.",
        ],
        NotShown =
        [
            "Marketo does not tell in its description of fields which are its own, so that of fields that no mapping writes only values are recognised that the canary person has (https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/lead-database/leads).",
            "Fields that are hidden from the API, activities besides the event of the canary person herself, programs, and lists that are not the hub's are not looked at.",
        ],
        QuietEvents = new(
            null,
            "Smart campaigns with a custom activity as trigger run for the person of each activity; the trigger belongs to one activity type, and every type has to be made and approved in the instance first "
            + "(https://experienceleague.adobe.com/docs/marketo/using/product-docs/administration/marketo-custom-activities/create-a-custom-activity.html)."),
        Repairs = MarketoRepairs.All,
        Endpoints = MarketoApiVersion.Endpoints,
    };
}
