namespace IntegrationHub.Hub.Configuration;

/// <summary>Whether a destination gets people whom it does not have.</summary>
internal enum CreationRule
{
    /// <summary>Whoever it does not have is created there.</summary>
    Always,

    /// <summary>Only whom it has already is written.</summary>
    Never,
}
