namespace IntegrationHub.Hub.Intake.Webhooks.Dialects;

/// <summary>Types of facts whose contracts are still to come: the reader of facts sets them aside, whole and ready to be replayed.</summary>
internal static class CanonicalType
{
    public const string AccountUpdated = "account_updated";
    public const string ProfileMerged = "profile_merged";
    public const string ProfileDeleted = "profile_deleted";
}
