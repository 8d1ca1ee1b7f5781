using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>What to do where HubSpot knows the token and refuses nevertheless.</summary>
internal static class HubSpotRepairs
{
    private const string AddScopes = "Add the scopes that the connector's README names to the private app (Settings, Integrations, Private Apps, Scopes) and commit the change; the token stays.";
    private const string GiveAnother = "Give the id of a manual list of contacts under audiences in the destination's file and start the hub again, or leave the id out and the hub makes a list.";

    public static IReadOnlyDictionary<string, Repair> All { get; } = new Dictionary<string, Repair>(StringComparer.Ordinal)
    {
        ["hubspot_403"] = new("permissions", "The private app lacks a scope, or the account a product.", AddScopes),
        ["hubspot_MISSING_SCOPES"] = new("permissions", "The private app lacks a scope.", AddScopes),
        ["hubspot_404"] = new("address", "Nothing answers at this path.", "Take base_url out of the destination's file: https://api.hubapi.com is the default."),
        ["hubspot_PROPERTY_DOESNT_EXIST"] = new("field", "The mapping names a contact property that the account does not have.", "'destinations check' names it; make it in HubSpot (Settings, Properties), or correct the mapping."),
        ["hubspot_READ_ONLY_VALUE"] = new("field", "The mapping writes to a property that HubSpot computes itself.", "'destinations check' names it; map another property, or take the field out of the mapping."),
        ["hubspot_NON_UNIQUE_ID_PROPERTY"] = new("field", "The identity property was not made with unique values, which cannot be changed later.", "Make another contact property with unique values, and name it as identity_key and in the mapping."),
        ["token_of_another_account"] = new("settings", "The token belongs to another account than portal_id names.", "Put a token of that account where the destination's credentials point to, or correct portal_id in the destination's file."),
        [HubSpotLists.ListRefused] = new("audience", "HubSpot refuses calls for the list, which is there.", "Look in HubSpot whether the list is archived or locked. " + GiveAnother),
        [HubSpotLists.NotManual] = new("audience", "The list is an active one, which HubSpot fills by itself.", GiveAnother),
        [HubSpotLists.NotOfContacts] = new("audience", "The list holds no contacts.", GiveAnother),
    };
}
