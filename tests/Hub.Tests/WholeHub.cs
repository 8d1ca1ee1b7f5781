using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage;
using IntegrationHub.TestServers;
using MassTransit;

namespace IntegrationHub.Hub.Tests;

/// <summary>A whole hub with the sample configuration on a free port, its database its own and migrated before, and a client that calls it without a key.</summary>
internal sealed class WholeHub : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly PostgresDatabase? _postgres;

    private WholeHub(DirectoryInfo folder, PostgresDatabase? postgres, HubApplication application)
    {
        (_folder, _postgres, Application) = (folder, postgres, application);
        Http = new HttpClient { BaseAddress = new Uri(application.Web.Urls.Single()) };
    }

    /// <summary>The hub.</summary>
    public HubApplication Application { get; }

    /// <summary>What it is made of.</summary>
    public IServiceProvider Services => Application.Web.Services;

    /// <summary>Its data folder, gone with it.</summary>
    public string Folder => _folder.FullName;

    /// <summary>Its database on PostgreSQL; null when it is another one.</summary>
    public string? ConnectionString => _postgres?.ConnectionString;

    /// <summary>Calls it.</summary>
    public HttpClient Http { get; }

    /// <summary>Starts one.</summary>
    /// <param name="database">Its database.</param>
    /// <param name="configure">Adds to a copy of the sample configuration in the folder that it is given, and says what else to set; null where the samples do.</param>
    public static async Task<WholeHub> StartAsync(StorageDatabase database, Func<string, Task<string[]>>? configure = null)
    {
        var folder = Directory.CreateTempSubdirectory("whole-hub-");
        var postgres = database == StorageDatabase.Postgres ? await MigratedDatabase.CreateAsync() : null;
        if (postgres is null)
        {
            await MigratedDatabase.CreateAsync(Path.Combine(folder.FullName, "hub.db"));
        }

        var application = await HubApplication.BuildAsync(
            [
                $"--Hub:Database={database}", .. postgres is null ? Array.Empty<string>() : [$"--Hub:ConnectionString={postgres.ConnectionString}"],
                "--Hub:Urls=http://127.0.0.1:0", $"--Hub:DataPath={folder.FullName}", "--Hub:LogLevel=Error", "--Hub:Delivery:Quotas=false",
                .. configure is null ? [] : await ConfigureAsync(Path.Combine(folder.FullName, "config"), configure),
            ],
            null,
            CancellationToken.None);
        await application.StartAsync(CancellationToken.None);
        return new WholeHub(folder, postgres, application);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Application.DisposeAsync();
        LogContext.Current = null;
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    private static async Task<string[]> ConfigureAsync(string config, Func<string, Task<string[]>> configure)
    {
        foreach (var file in Directory.EnumerateFiles(ConfigurationLoader.SampleFolder, "*.yaml", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(config, Path.GetRelativePath(ConfigurationLoader.SampleFolder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return [$"--Hub:ConfigPath={config}", .. await configure(config)];
    }
}
