using System.Data.Common;
using IntegrationHub.Hub.Cli;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Versions;
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
        var hub = await BuildAsync(settings, cancellationToken);
        try
        {
            await hub.StartAsync(cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            await hub.DisposeAsync();
            throw new CommandLineException(
                ExitCode.Failed,
                $"Something else answers at {string.Join(", ", hub.Web.Urls)} already, perhaps another hub. Stop it, or take another address: --Hub:Urls=http://localhost:8081, and HUB_URL=http://localhost:8081 for the other verbs.");
        }
        catch (SchemaBehindException behind)
        {
            await hub.DisposeAsync();
            throw new CommandLineException(ExitCode.Failed, behind.Message);
        }

        await System.Console.Error.WriteLineAsync($"The console is at {HubAddress.Of(hub.Web.Urls)}");
        await StayAsync(hub, settings, cancellationToken);
    }

    /// <summary>
    /// Lets a hub that was started serve until the process is told to stop. When another version of the configuration comes into force, the hub ends as at a stop, with what is on its way, and another one begins in its
    /// place that runs it: all that was made from the configuration is made anew, so nothing goes by half of two.
    /// </summary>
    /// <param name="hub">The hub; disposed in the end.</param>
    /// <param name="settings">What it was built with.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CommandLineException">The next version cannot be begun with.</exception>
    public static async Task StayAsync(HubApplication hub, string[] settings, CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var current = hub;
            var over = current.Web.WaitForShutdownAsync(cancellationToken);
            if (await Task.WhenAny(over, current.Running.Superseded) == over)
            {
                await over;
                return;
            }

            var next = await current.Running.Superseded;
            string[] addressed = [.. settings, $"--Hub:Urls={AddressesOf(current)}"];
            current.Web.Lifetime.StopApplication();
            await over;
            var sandbox = current.ReleaseSandbox();
            await current.DisposeAsync();
            MassTransit.LogContext.Current = null; // it is the process's, and logs to the hub that has ended
            cancellationToken.ThrowIfCancellationRequested();
            hub = await BuildAsync(addressed, cancellationToken, new Successor(next, sandbox));
            await hub.StartAsync(cancellationToken);
        }
    }

    /// <summary>Where the next one answers: where this one was told to, or where it did when it was told any port.</summary>
    private static string AddressesOf(HubApplication hub) =>
        hub.Web.Services.GetRequiredService<HubOptions>().Urls is var told && told.EndsWith(":0", StringComparison.Ordinal) ? string.Join(';', hub.Web.Urls) : told;

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
    public static async Task<HubApplication> BuildAsync(string[] settings, CancellationToken cancellationToken, Successor? successor = null)
    {
        try
        {
            return await HubApplication.BuildAsync(settings, null, cancellationToken, successor);
        }
        catch (HubConfigurationException exception)
        {
            throw new CommandLineException(ExitCode.Usage, exception.Message);
        }
    }
}
