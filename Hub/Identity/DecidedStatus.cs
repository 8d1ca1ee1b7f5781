namespace IntegrationHub.Identity;

/// <summary>What a person said.</summary>
public enum DecidedStatus
{
    /// <summary>No, and every word that is not known.</summary>
    Denied,

    /// <summary>Yes.</summary>
    Granted,

    /// <summary>Yes, and that has ended by itself.</summary>
    Expired,
}
