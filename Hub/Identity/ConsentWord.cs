namespace IntegrationHub.Identity;

/// <summary>The words for a person's decision, in facts, files and the database. Every other word counts as denied.</summary>
public static class ConsentWord
{
    /// <summary>The person agreed.</summary>
    public const string Granted = "granted";

    /// <summary>The person declined, or withdrew.</summary>
    public const string Denied = "denied";

    /// <summary>The person agreed, and that has ended by itself. No fact says it; the hub does.</summary>
    public const string Expired = "expired";
}
