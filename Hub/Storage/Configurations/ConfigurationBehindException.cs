namespace IntegrationHub.Storage.Configurations;

/// <summary>Another version of the configuration is in force than the one that the work was begun under. Nothing was written; a hub that runs the version in force does it.</summary>
/// <param name="version">The version that the work was begun under.</param>
public sealed class ConfigurationBehindException(long version)
    : Exception(FormattableString.Invariant($"Configuration version {version} is not in force any more; a hub that runs the one in force goes on with this."))
{
    /// <summary>The version that the work was begun under.</summary>
    public long Version => version;
}
