using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>
/// Every HubSpot path that is called, in one table. Moving to a dated version is done here. From 2026-09 on HubSpot also enforces the
/// property rules that an administrator configured, so that the same body can be refused:
/// https://developers.hubspot.com/changelog/crm-api-write-validation-enforcement
/// </summary>
internal static class HubSpotApiVersion
{
    public const string V3 = "v3";
    public const string V4 = "v4";

    public static readonly VendorEndpoint UpsertContacts =
        new("POST", "/crm/v3/objects/contacts/batch/upsert", V3, HubSpotPages.Contacts) { WritesPeople = true };

    public static readonly VendorEndpoint UpdateContacts =
        new("POST", "/crm/v3/objects/contacts/batch/update", V3, HubSpotPages.Contacts) { WritesPeople = true };

    public static readonly VendorEndpoint ReadContacts =
        new("POST", "/crm/v3/objects/contacts/batch/read", V3, HubSpotPages.Contacts);

    public static readonly VendorEndpoint SearchContacts = new("POST", "/crm/v3/objects/contacts/search", V3, HubSpotPages.Search);

    public static readonly VendorEndpoint MergeContacts =
        new("POST", "/crm/v3/objects/contacts/merge", V3, HubSpotPages.Contacts) { WritesPeople = true };

    public static readonly VendorEndpoint EraseContact =
        new("POST", "/crm/v3/objects/contacts/gdpr-delete", V3, HubSpotPages.Erasure) { WritesPeople = true };

    public static readonly VendorEndpoint ListProperties = new("GET", "/crm/v3/properties/contacts", V3, HubSpotPages.Properties);

    public static readonly VendorEndpoint CreateList = new("POST", "/crm/v3/lists", V3, HubSpotPages.Lists);

    public static readonly VendorEndpoint GetList = new("GET", "/crm/v3/lists/{listId}", V3, HubSpotPages.Lists);

    public static readonly VendorEndpoint FindList =
        new("GET", "/crm/v3/lists/object-type-id/0-1/name/{name}", V3, HubSpotPages.Lists);

    public static readonly VendorEndpoint AddMembers =
        new("PUT", "/crm/v3/lists/{listId}/memberships/add", V3, HubSpotPages.Lists) { WritesPeople = true };

    public static readonly VendorEndpoint RemoveMembers =
        new("PUT", "/crm/v3/lists/{listId}/memberships/remove", V3, HubSpotPages.Lists) { WritesPeople = true };

    public static readonly VendorEndpoint ListMembers =
        new("GET", "/crm/v3/lists/{listId}/memberships", V3, HubSpotPages.Lists);

    public static readonly VendorEndpoint ReadMemberships =
        new("POST", "/crm/v3/lists/records/memberships/batch/read", V3, HubSpotPages.Memberships);

    public static readonly VendorEndpoint ReadOptOuts =
        new("POST", "/communication-preferences/v4/statuses/batch/unsubscribe-all/read", V4, HubSpotPages.Consent);

    public static readonly VendorEndpoint ReadConsent =
        new("POST", "/communication-preferences/v4/statuses/batch/read", V4, HubSpotPages.Consent);

    public static readonly VendorEndpoint OptOutMany =
        new("POST", "/communication-preferences/v4/statuses/batch/unsubscribe-all", V4, HubSpotPages.Consent) { WritesPeople = true };

    public static readonly VendorEndpoint WriteConsent =
        new("POST", "/communication-preferences/v4/statuses/batch/write", V4, HubSpotPages.Consent) { WritesPeople = true };

    public static readonly VendorEndpoint OptOut =
        new("POST", "/communication-preferences/v4/statuses/{subscriberIdString}/unsubscribe-all", V4, HubSpotPages.Consent) { WritesPeople = true };

    public static readonly VendorEndpoint ReadOptOut =
        new("GET", "/communication-preferences/v4/statuses/{subscriberIdString}/unsubscribe-all", V4, HubSpotPages.Consent);

    public static readonly VendorEndpoint Subscribe =
        new("POST", "/communication-preferences/v3/subscribe", V3, HubSpotPages.ConsentV3) { WritesPeople = true };

    public static readonly VendorEndpoint Unsubscribe =
        new("POST", "/communication-preferences/v3/unsubscribe", V3, HubSpotPages.ConsentV3) { WritesPeople = true };

    public static readonly VendorEndpoint SendEvents = new("POST", "/events/v3/send/batch", V3, HubSpotPages.Events) { WritesPeople = true };

    public static readonly VendorEndpoint ListEventDefinitions = new("GET", "/events/v3/event-definitions", V3, HubSpotPages.EventDefinitions);

    public static readonly VendorEndpoint AccountDetails = new("GET", "/account-info/v3/details", V3, HubSpotPages.Account);

    /// <summary>The table as the descriptor publishes it.</summary>
    public static IReadOnlyList<VendorEndpoint> All { get; } =
    [
        UpsertContacts, UpdateContacts, ReadContacts, SearchContacts, MergeContacts, EraseContact, ListProperties, CreateList, GetList, FindList,
        AddMembers, RemoveMembers, ListMembers, ReadMemberships, ReadOptOuts, ReadConsent, OptOutMany, WriteConsent, OptOut, ReadOptOut, Subscribe, Unsubscribe,
        SendEvents, ListEventDefinitions, AccountDetails,
    ];
}

/// <summary>The vendor's pages that this connector was written from.</summary>
internal static class HubSpotPages
{
    public static readonly Uri Contacts = new("https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/guide");
    public static readonly Uri Search = new("https://developers.hubspot.com/docs/api-reference/latest/crm/search-the-crm");
    public static readonly Uri Properties = new("https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide");
    public static readonly Uri Lists = new("https://developers.hubspot.com/docs/api-reference/latest/crm/lists/guide");
    public static readonly Uri Memberships = new("https://developers.hubspot.com/docs/api-reference/legacy/crm/lists/memberships/get-memberships-batch");
    public static readonly Uri Erasure = new("https://knowledge.hubspot.com/privacy-and-consent/how-do-i-perform-a-gdpr-delete-in-hubspot");
    public static readonly Uri Consent = new("https://developers.hubspot.com/docs/api-reference/legacy/communication-preferences/guide");
    public static readonly Uri ConsentV3 = new("https://developers.hubspot.com/docs/api-reference/legacy/communication-preferences/v3/guide");
    public static readonly Uri Events = new("https://developers.hubspot.com/docs/api-reference/legacy/events/send-event-data/guide");
    public static readonly Uri EventDefinitions = new("https://developers.hubspot.com/docs/api-reference/legacy/events/define-events/get-event-definitions");
    public static readonly Uri Account = new("https://developers.hubspot.com/docs/api-reference/legacy/account/account-information/guide");
    public static readonly Uri Errors = new("https://developers.hubspot.com/docs/api-reference/error-handling");
    public static readonly Uri Usage = new("https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines");
}
