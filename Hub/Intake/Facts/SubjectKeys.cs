namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>Names of the keys of a subject.</summary>
internal static class SubjectKeys
{
    /// <summary>The ids besides the company's own.</summary>
    public static readonly string[] Others = ["crm_id", "account_id", "anonymous_id", "device_id"];
}
