using System.Data.Common;
using System.Globalization;
using IntegrationHub.Hub.Cli;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Map;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Ownership;
using IntegrationHub.Hub.Policy;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Sealing;
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
        catch (Exception refusal) when (refusal is SchemaBehindException or MissingSealingKeyException or BrokenSealException)
        {
            await hub.DisposeAsync();
            throw new CommandLineException(ExitCode.Failed, refusal.Message);
        }

        await System.Console.Error.WriteLineAsync($"The console is at {HubAddress.Of(hub.Web.Urls)}");
        await StayAsync(hub, settings, cancellationToken);
    }

    /// <summary>
    /// Lets a hub that was started serve until the process is told to stop. When another version of the configuration comes into force, the hub ends as at a stop, with what is on its way, and another one begins in its
    /// place that runs it: all that was made from the configuration is made anew, so nothing goes by half of two.
    /// </summary>
    /// <param name="hub">The hub; disposed in the end, unless it cannot end.</param>
    /// <param name="settings">What it was built with.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CommandLineException">The next version cannot be begun with, or the hub does not end: the process has to, as if it had been killed.</exception>
    public static async Task StayAsync(HubApplication hub, string[] settings, CancellationToken cancellationToken)
    {
        while (true)
        {
            var over = hub.Web.WaitForShutdownAsync(cancellationToken);
            if (await Task.WhenAny(over, hub.Running.Superseded) == over)
            {
                await using (hub)
                {
                    await over;
                    return;
                }
            }

            var (next, turn) = await hub.Running.Superseded;
            string[] addressed = [.. settings, $"--Hub:Urls={AddressesOf(hub)}"];
            hub.Web.Lifetime.StopApplication();
            await EndAsync(over, hub.Web.Services.GetRequiredService<HubOptions>().Config.LongestEnd, next.Entry.Version, cancellationToken);
            var sandbox = hub.ReleaseSandbox();
            await hub.DisposeAsync();
            MassTransit.LogContext.Current = null; // it is the process's, and logs to the hub that has ended
            cancellationToken.ThrowIfCancellationRequested();
            hub = await BuildAsync(addressed, cancellationToken, new Successor(next, sandbox));
            await hub.StartAsync(cancellationToken);
            await GiveBackAsync(hub, turn, cancellationToken);
        }
    }

    /// <summary>The next hub's turn begins; where the database cannot be told, it does when this one's is over.</summary>
    private static async Task GiveBackAsync(HubApplication hub, Lease turn, CancellationToken cancellationToken)
    {
        try
        {
            await hub.Web.Services.GetRequiredService<OutboxTransaction>().RunAsync((db, _) => ConfigurationTurn.ReleaseAsync(db, turn, cancellationToken), cancellationToken);
        }
        catch (DbException)
        {
        }
    }

    /// <summary>Two hubs in one process would be two that hold leases and an address; so a hub that does not end takes its process with it, and what it held is free when its leases are over.</summary>
    private static async Task EndAsync(Task over, TimeSpan longest, long next, CancellationToken cancellationToken)
    {
        try
        {
            await over.WaitAsync(longest, TimeProvider.System, cancellationToken);
        }
        catch (Exception trouble) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandLineException(
                ExitCode.Failed,
                string.Create(CultureInfo.InvariantCulture, $"Version {next} of the configuration is in force, and this hub did not end within {longest} to make way for it ({trouble.GetType().Name}): something that is on its way is held up, often by the database. The process ends, others take over what it held. Start it again; the log says what stood still."));
        }
    }

    /// <summary>Where the next one answers: where this one was told to, or where it did when it was told any port.</summary>
    private static string AddressesOf(HubApplication hub) =>
        hub.Web.Services.GetRequiredService<HubOptions>().Urls is var told && told.EndsWith(":0", StringComparison.Ordinal) ? string.Join(';', hub.Web.Urls) : told;

    /// <summary>Says of a database that it was restored to an earlier moment: what it owes and must not be sent twice is taken as perhaps sent. Needs no broker and no configuration folder.</summary>
    /// <returns>How many events.</returns>
    /// <exception cref="CommandLineException">The settings are wrong, or the database does not answer.</exception>
    public static async Task<long> DoubtAsync(string[] settings, CancellationToken cancellationToken)
    {
        await using var services = new ServiceCollection().AddHubStorage(StorageOf(settings)).BuildServiceProvider();
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<HubDbContext>();
        try
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var doubted = await RestoredDatabase.DoubtAsync(db, TimeProvider.System.GetUtcNow(), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return doubted;
        }
        catch (DbException exception)
        {
            throw new CommandLineException(ExitCode.Failed, $"Nothing was said of the database: {exception.Message} Start no hub that reaches a vendor before this step has worked.");
        }
    }

    /// <summary>Brings the database's schema up to date, as a step of its own; needs no broker and no configuration folder.</summary>
    /// <returns>The migrations that were applied, in their order; and those that a newer version applied before.</returns>
    /// <exception cref="CommandLineException">The settings are wrong, or the database does not answer.</exception>
    public static async Task<SchemaStanding> MigrateAsync(string[] settings, CancellationToken cancellationToken)
    {
        await using var services = new ServiceCollection().AddHubStorage(StorageOf(settings)).BuildServiceProvider();
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

    private static StorageOptions StorageOf(string[] settings)
    {
        try
        {
            return HubSettings.Storage(HubSettings.Read(new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(settings).Build()));
        }
        catch (HubConfigurationException exception)
        {
            throw new CommandLineException(ExitCode.Usage, exception.Message);
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
        return [.. ConsentWarnings.Of(configuration), .. PolicyWarnings.Of(configuration), .. OwnershipWarnings.Of(configuration), .. MappingWarnings.Of(configuration, TimeProvider.System.GetUtcNow())];
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
            return await (successor is null ? HubApplication.BuildAsync(settings, null, cancellationToken) : HubApplication.SucceedAsync(settings, successor, cancellationToken));
        }
        catch (HubConfigurationException exception)
        {
            throw new CommandLineException(ExitCode.Usage, exception.Message);
        }
    }
}
