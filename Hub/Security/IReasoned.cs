namespace IntegrationHub.Hub.Security;

/// <summary>Body of a command that says why.</summary>
internal interface IReasoned
{
    /// <summary>Why; null where nothing was said.</summary>
    string? Reason { get; }
}
