namespace IntegrationHub.Storage.Configurations;

/// <summary>Where versions of the configuration come from.</summary>
public static class ConfigurationSource
{
    /// <summary>A hub took it from its folder as it started.</summary>
    public const string Folder = "folder";

    /// <summary>Somebody applied a plan.</summary>
    public const string Applied = "apply";

    /// <summary>Somebody went back to the version whose number follows.</summary>
    public const string Rollback = "rollback:";
}
