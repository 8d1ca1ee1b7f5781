using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;

namespace IntegrationHub.Hub;

/// <summary>Compares a configuration with the audiences that the hub knows at the vendors, and with the destinations that it tells live, before it is used. Nothing is changed and no vendor is asked.</summary>
internal static class ConfigurationMoves
{
    /// <summary>One sentence per audience that moves, per destination that is told otherwise than before, and per thing that no vendor can undo; or why it cannot be told. Without a database nothing stands anywhere yet.</summary>
    /// <param name="settings">Settings as <c>--Hub:ConfigPath=folder</c>.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<IReadOnlyList<string>> ListAsync(string[] settings, CancellationToken cancellationToken)
    {
        var given = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(settings).Build();
        var options = HubSettings.Read(given);
        var configuration = HubSettings.Load(given, options, new ServiceCollection().AddConnectors().BuildConnectorFactories());
        List<string> irreversible = [.. configuration.Destinations.Values.SelectMany(destination => destination.Irreversible().Select(what => $"{destination.Name}: {what}"))];
        if (options is { Database: StorageDatabase.Sqlite, ConnectionString: null } && !File.Exists(Path.Combine(options.DataPath, "hub.db")))
        {
            return irreversible;
        }

        await using var services = new ServiceCollection().AddHubStorage(HubSettings.Storage(options)).BuildServiceProvider();
        await using var scope = services.CreateAsyncScope();
        try
        {
            return [.. irreversible, .. await ListAsync(configuration, scope.ServiceProvider.GetRequiredService<HubDbContext>(), services.GetRequiredService<IDestinationStore>(), cancellationToken)];
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return [.. irreversible, $"Whether an audience moves at a vendor cannot be told: the hub's database does not answer ({exception.GetType().Name}). 'destinations check NAME' asks a hub that runs."];
        }
    }

    private static async Task<IReadOnlyList<string>> ListAsync(HubConfiguration configuration, HubDbContext db, IDestinationStore store, CancellationToken cancellationToken)
    {
        var moves = new List<string>();
        var live = await LiveRoutes.ListAsync(db, cancellationToken);
        foreach (var destination in configuration.Destinations.Values.Where(destination => destination.Live != live.Contains(destination.Name)))
        {
            moves.Add(destination.Live
                ? $"{destination.Name}: live is on: from the next start on, who changes, joins or leaves by a fact is sent as it happens. What was stated before waits for a run."
                : $"{destination.Name}: live is off: from the next start on it is told by runs alone. Changes that still wait leave the queue; the next run brings them.");
        }

        foreach (var audience in configuration.Audiences.Values)
        {
            foreach (var name in audience.Destinations)
            {
                if (await store.FindAudienceAsync(db, name, audience.Key, cancellationToken) is { } stored
                    && AudienceMove.Of(stored, configuration.Destinations[name].RequestFor(audience)) is { } move)
                {
                    moves.Add($"{name}: {move}");
                }
            }
        }

        return moves;
    }
}
