using System.Data.Common;
using IntegrationHub.Hub.Cli;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Map;
using IntegrationHub.Hub.Policy;
using IntegrationHub.Storage;
using Microsoft.AspNetCore.Connections;

namespace IntegrationHub.Hub;

/// <summary>The verbs <c>serve</c>, <c>migrate</c>, <c>validate</c> and <c>map</c>.</summary>
internal static class HubHost
{
    /// <summary>Serves until the process is told to stop.</summary>
    /// <exception cref="CommandLineException">The configuration has errors.</exception>
    public static async Task ServeAsync(string[] settings, CancellationToken cancellationToken)
    {
        await using var hub = await BuildAsync(settings, cancellationToken);
        try
        {
            await hub.StartAsync(cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            throw new CommandLineException(
                ExitCode.Failed,
                $"Something else answers at {string.Join(", ", hub.Web.Urls)} already, perhaps another hub. Stop it, or take another address: --Hub:Urls=http://localhost:8081, and HUB_URL=http://localhost:8081 for the other verbs.");
        }

        catch (SchemaBehindException behind)
        {
            throw new CommandLineException(ExitCode.Failed, behind.Message);
        }

        await System.Console.Error.WriteLineAsync($"The console is at {HubAddress.Of(hub.Web.Urls)}");
        await hub.Web.WaitForShutdownAsync(cancellationToken);
    }

    /// <summary>Brings the database's schema up to date, as a step of its own; needs no broker and no configuration folder.</summary>
    /// <returns>The migrations that were applied, in their order; and those that a newer version applied before.</returns>
    /// <exception cref="CommandLineException">The settings are wrong, or the database does not answer.</exception>
    public static async Task<SchemaStanding> MigrateAsync(string[] settings, CancellationToken cancellationToken)
    {
        StorageOptions storage;
        try
        {
            storage = HubSettings.Storage(HubSettings.Read(new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(settings).Build()));
        }
        catch (HubConfigurationException exception)
        {
            throw new CommandLineException(ExitCode.Usage, exception.Message);
        }

        await using var services = new ServiceCollection().AddHubStorage(storage).BuildServiceProvider();
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<HubDbContext>();
        try
        {
            var before = await HubDatabase.CompareAsync(db, cancellationToken);
            await HubDatabase.MigrateAsync(db, cancellationToken);
            return before;
        }
        catch (DbException exception)
        {
            throw new CommandLineException(ExitCode.Failed, $"The database was not migrated: {exception.Message} What was applied before stays, what failed was taken back. Mend it and run the step again; hubs of the version before go on meanwhile.");
        }
    }

    /// <summary>Every error of settings and configuration folder; empty when all is well.</summary>
    public static Task<IReadOnlyList<ConfigurationError>> ValidateAsync(string[] settings, CancellationToken cancellationToken)
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(settings).Build();
        try
        {
            HubSettings.Load(configuration, HubSettings.Read(configuration), new ServiceCollection().AddConnectors().BuildConnectorFactories());
            return Task.FromResult<IReadOnlyList<ConfigurationError>>([]);
        }
        catch (HubConfigurationException exception)
        {
            return Task.FromResult(exception.Errors);
        }
    }

    /// <summary>What a configuration without errors allows and may not mean.</summary>
    public static IReadOnlyList<string> Warnings(string[] settings)
    {
        var given = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(settings).Build();
        var configuration = HubSettings.Load(given, HubSettings.Read(given), new ServiceCollection().AddConnectors().BuildConnectorFactories());
        return [.. ConsentWarnings.Of(configuration), .. PolicyWarnings.Of(configuration)];
    }

    /// <summary>The map of integrations of the configuration folder.</summary>
    /// <exception cref="CommandLineException">The configuration has errors.</exception>
    public static MapJson Map(string[] settings)
    {
        var given = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(settings).Build();
        var factories = new ServiceCollection().AddConnectors().BuildConnectorFactories();
        try
        {
            return IntegrationMap.Of(HubSettings.Load(given, HubSettings.Read(given), factories), factories);
        }
        catch (HubConfigurationException exception)
        {
            throw new CommandLineException(ExitCode.Usage, exception.Message);
        }
    }

    /// <summary>Builds a hub; what is wrong with its configuration becomes a usage error.</summary>
    /// <exception cref="CommandLineException">The configuration has errors.</exception>
    public static async Task<HubApplication> BuildAsync(string[] settings, CancellationToken cancellationToken)
    {
        try
        {
            return await HubApplication.BuildAsync(settings, null, cancellationToken);
        }
        catch (HubConfigurationException exception)
        {
            throw new CommandLineException(ExitCode.Usage, exception.Message);
        }
    }
}
