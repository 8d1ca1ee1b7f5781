using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Configurations;

namespace IntegrationHub.Hub.Versions;

/// <summary>Checks files with this hub's connectors, settings and secrets: what one hub can run another may not.</summary>
internal sealed class ConfigurationCompiler(IConfiguration settings, HubOptions options, IEnumerable<IConnectorFactory> factories)
{
    private readonly IReadOnlyList<IConnectorFactory> _factories = [.. factories];

    /// <summary>The configuration, or every error.</summary>
    public ConfigurationResult Compile(ConfigurationFiles files) => HubSettings.Check(settings, options, _factories, files);

    /// <summary>The files of the hub's folder as they are now; null when there is none.</summary>
    public ConfigurationFiles? ReadFolder() => HubSettings.ConfigPath(options) is var folder && Directory.Exists(folder) ? ConfigurationFiles.ReadFolder(folder) : null;

    /// <summary>What a hub begins with: what it was told to, or what was applied, or its folder.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="successor">What it was told; null for a hub that is the first of its process.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The files and the number, which is null for the folder's; null when there is neither.</returns>
    public static async Task<(ConfigurationFiles Files, long? Version)?> ChooseAsync(HubOptions options, Successor? successor, CancellationToken cancellationToken)
    {
        var applied = successor?.Configuration ?? (options.Config.Apply == ConfigApply.Manual ? await FindAppliedAsync(options, cancellationToken) : null);
        return applied is not null ? (ConfigurationFiles.Of(applied.Files), applied.Entry.Version)
            : HubSettings.ConfigPath(options) is var folder && Directory.Exists(folder) ? (ConfigurationFiles.ReadFolder(folder), null)
            : null;
    }

    private static async Task<StoredConfiguration?> FindAppliedAsync(HubOptions options, CancellationToken cancellationToken)
    {
        await using var services = new ServiceCollection().AddHubStorage(HubSettings.Storage(options)).BuildServiceProvider();
        await using var scope = services.CreateAsyncScope();
        return await ConfigurationBook.FindInForceAsync(scope.ServiceProvider.GetRequiredService<HubDbContext>(), cancellationToken);
    }
}
