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

    /// <summary>People per question about memberships. HubSpot publishes no number; it is the one of its other batches that are read.</summary>
    public const int MaxPeoplePerLookup = MaxInputs;

    /// <summary>Results per page of a search, and bytes of its body: https://developers.hubspot.com/docs/api-reference/latest/crm/search-the-crm</summary>
    public const int SearchPage = 200, MaxSearchBytes = 3_000;

    /// <summary>Events per call: https://developers.hubspot.com/docs/api-reference/legacy/events/send-event-data/guide</summary>
    public const int MaxEvents = 500;

    /// <summary>Merges and erasures cost one call per person, so that a batch of them stays short.</summary>
    public const int MaxSingles = 20;

    /// <summary>HubSpot publishes no body limit for object calls; bodies stay under this.</summary>
    public const int MaxBytes = 1_000_000;

    /// <summary>
    /// A value that begins so adds its choices to those of a property with several checkboxes, <c>;BUDGET_HOLDER;END_USER</c>: https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide
    /// (Add values to checkbox type properties).
    /// </summary>
    public const char AddsWith = ';';

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
            [Operation.AddMember] = new(MaxMemberships, MaxBytes, RepeatIsHarmless: true) { CallsPerBatch = (MaxMemberships / MaxInputs) + 1 },
            [Operation.RemoveMember] = new(MaxMemberships, MaxBytes, RepeatIsHarmless: true),
            [Operation.SetConsent] = new(MaxInputs, MaxBytes, RepeatIsHarmless: true) { CallsPerBatch = 4 },
            [Operation.TrackEvent] = new(MaxEvents, MaxBytes, RepeatIsHarmless: true) { CallsPerBatch = (MaxEvents / MaxInputs) + 1 },
            [Operation.ChangeKey] = new(MaxInputs, MaxBytes, RepeatIsHarmless: true) { CallsPerBatch = 3 },
            [Operation.MergeProfiles] = new(MaxSingles, MaxBytes, RepeatIsHarmless: true) { CallsPerBatch = 1 + MaxSingles },
            [Operation.DeleteProfile] = new(MaxSingles, MaxBytes, RepeatIsHarmless: true) { CallsPerBatch = 2 + MaxSingles },
        },
        AddsWith = AddsWith,
        MaxConcurrency = 8,
        RateLimits =
        [
            new(HubSpotQuota.Burst, 190, TimeSpan.FromSeconds(10), "per private app, Professional and Enterprise (100 for Free and Starter)")
            {
                Kind = RateWindow.Rolling,
            },
            new(HubSpotQuota.Daily, 625_000, TimeSpan.FromDays(1), "per account, Professional (250,000 Free and Starter, 1,000,000 Enterprise), until midnight of the account")
            {
                Kind = RateWindow.Day,
            },
            new(HubSpotQuota.Searches, 5, TimeSpan.FromSeconds(1), "searches, per account")
            {
                Kind = RateWindow.Rolling,
                Endpoints = [HubSpotApiVersion.SearchContacts],
            },
            new(HubSpotQuota.Events, 1_250, TimeSpan.FromSeconds(1), "custom events, per account")
            {
                Kind = RateWindow.Rolling,
                Endpoints = [HubSpotApiVersion.SendEvents],
            },
        ],
        Settings =
        [
            new("access_token", "Token of a private app or service key.", Required: true, Secret: true),
            new("membership_batch_size", "Record ids per list call, 1 to 1000.", Required: false, Secret: false, Default: "1000"),
            new("portal_id", "Account that the token must belong to; a token of another account is refused.", Required: false, Secret: false),
            new("account_time_zone", "Time zone of the account, such as US/Eastern: the daily quota returns at its midnight. Learned from the account when it is checked.", Required: false, Secret: false),
            new("consent_calls", "batch: many addresses per call (Marketing Hub Enterprise); single: one call per address and topic, an opt-out with the address in its path.", Required: false, Secret: false, Default: "batch"),
            new("legal_basis", "Legal basis that is written with every consent, such as CONSENT_WITH_NOTICE; needed when the account's data privacy settings are on.", Required: false, Secret: false),
        ],
        ProfileEndpoints = [HubSpotApiVersion.UpsertContacts, HubSpotApiVersion.UpdateContacts, HubSpotApiVersion.ReadContacts],
        Automation =
        [
            "Workflows whose enrollment trigger is a change of the property enrol the contact, and again where re-enrollment is on (https://knowledge.hubspot.com/workflows/set-your-workflow-enrollment-triggers).",
            "Workflows that are triggered by membership of the list enrol who joins it; where re-enrollment is on, whoever leaves and joins again is enrolled again and gets every action again (https://knowledge.hubspot.com/workflows/add-re-enrollment-triggers-to-a-workflow).",
            "Active lists over the property are recalculated: who enters one may be sent what is bound to it.",
        ],
        NotShown =
        [
            "Values of sensitive properties are not shown without scopes for them, which the hub does not ask for (https://developers.hubspot.com/docs/api-reference/latest/crm/properties/sensitive-data).",
            "States of subscription types, events, and lists that are not the hub's are not looked at; whether somebody opted out of all e-mail is, where the account has the property hs_email_optout.",
            "Of properties that every account has, which HubSpot may fill by itself, only values are recognised that the canary person has.",
        ],
        QuietEvents = new(
            null,
            "Workflows whose trigger is a custom event enrol the contact of each occurrence; a workflow listens to one definition, and every definition has to be made in the account first "
            + "(https://knowledge.hubspot.com/workflows/set-event-enrollment-triggers)."),
        Repairs = HubSpotRepairs.All,
        Endpoints = HubSpotApiVersion.All,
        Retirements = HubSpotRetirements.All,
    };
}
