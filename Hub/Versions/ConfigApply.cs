namespace IntegrationHub.Hub.Versions;

/// <summary>What a hub does with a folder that differs from the version in force.</summary>
internal enum ConfigApply
{
    /// <summary>Puts it in force as it starts.</summary>
    Auto,

    /// <summary>Runs the version in force, and says that the folder differs.</summary>
    Manual,
}
