namespace IntegrationHub.Connectors.HubSpot;

/// <summary>Reason codes of this connector's own; HubSpot's codes carry the same prefix.</summary>
internal static class HubSpotReason
{
    /// <summary>Another contact has the e-mail, as its primary or a further one.</summary>
    public const string EmailOfAnother = "hubspot_email_of_another_contact";

    /// <summary>The contact that HubSpot finds by the record's key is that of another record.</summary>
    public const string ContactOfAnother = "hubspot_contact_of_another_record";

    /// <summary>Another record of the batch has the same key in HubSpot's eyes, as with addresses that differ only in case.</summary>
    public const string KeyTwice = "hubspot_key_twice_in_batch";

    /// <summary>A success that does not say what became of the record.</summary>
    public const string NotMentioned = "hubspot_not_mentioned";

    /// <summary>The contact was deleted or merged meanwhile.</summary>
    public const string ContactGone = "hubspot_contact_gone";

    /// <summary>HubSpot answered success and kept another value of a property.</summary>
    public static string Kept(string property) => $"hubspot_kept_{property}";
}
