using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Runs;
using IntegrationHub.TestServers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace EndToEnd.Tests;

/// <summary>The embedded hub in the test's own process, with the sandboxes of its process in reach.</summary>
internal sealed class EmbeddedHub : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly HubApplication _hub;

    private EmbeddedHub(DirectoryInfo folder, HubApplication hub)
    {
        _folder = folder;
        _hub = hub;
    }

    public SandboxServer Sandbox => _hub.Sandbox!;

    public IServiceProvider Services => _hub.Web.Services;

    public Uri Address => new(_hub.Web.Urls.First());

    public static async Task<EmbeddedHub> StartAsync(Action<WebApplicationBuilder>? customize = null, params string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("hub-e2e-");
        if (!Array.Exists(settings, setting => setting.StartsWith("--Hub:Database=", StringComparison.Ordinal)))
        {
            await MigratedDatabase.CreateAsync(Path.Combine(folder.FullName, "hub.db"));
        }

        string[] args =
        [
            $"--Hub:DataPath={folder.FullName}", "--Hub:Urls=http://127.0.0.1:0", "--Hub:LogLevel=Warning", "--Hub:Delivery:LongestRetryDelay=00:00:01",
            "--Hub:Delivery:FirstRetryDelay=00:00:00.100", "--Hub:Delivery:FirstCircuitPause=00:00:00.100", "--Hub:Delivery:LongestCircuitPause=00:00:01", "--Hub:Delivery:SweepInterval=00:00:00.200",
            "--Hub:Delivery:PauseUntilRepaired=00:00:01", "--Hub:Delivery:Quotas=false",
            "--Hub:ProgressTimeout=00:00:05",
            .. settings,
        ];
        var hub = await HubApplication.BuildAsync(args, customize, CancellationToken.None);
        foreach (var room in hub.Sandbox!.Rooms.Values)
        {
            room.Knobs.Quotas = false;
        }

        await hub.StartAsync(CancellationToken.None);
        return new EmbeddedHub(folder, hub);
    }

    public async Task<SnapshotReport> LoadAsync(Stream csv, string kind = "full")
    {
        var audience = Services.GetRequiredService<HubConfiguration>().Audiences["customers"];
        return await Services.GetRequiredService<SnapshotLoader>().LoadAsync(audience, kind, csv, SnapshotFormat.Csv, "customers.csv", null, CancellationToken.None);
    }

    /// <summary>Starts a sync to every destination and waits for the end of all runs.</summary>
    public async Task<IReadOnlyList<RunView>> SyncAsync(Guid? snapshotId, string mode = SyncMode.Full) => await FinishAsync(await StartSyncAsync(snapshotId, mode));

    public async Task<IReadOnlyList<Guid>> StartSyncAsync(Guid? snapshotId, string mode = SyncMode.Full, params string[] destinations)
    {
        var (started, refusal) = await Services.GetRequiredService<RunStarter>().StartAsync(
            new RunRequest("customers", destinations, mode, snapshotId, "test"), CancellationToken.None);
        Assert.That(refusal, Is.Null);
        return [.. started.Select(run => run.RunId)];
    }

    public async Task<IReadOnlyList<RunView>> FinishAsync(IReadOnlyList<Guid> runIds)
    {
        var runs = new List<RunView>();
        foreach (var runId in runIds)
        {
            runs.Add((await WaitForAsync(runId, run => run.FinishedAt is not null))!);
        }

        return runs;
    }

    public Task<RunView?> WaitForAsync(Guid runId, Func<RunView, bool> condition) =>
        Poll.For(() => FindAsync(runId), run => run is not null && condition(run), $"run {runId}");

    public Task<RunView?> FindAsync(Guid runId) =>
        Services.GetRequiredService<OutboxTransaction>().ReadAsync(db => Services.GetRequiredService<IRunStore>().FindAsync(db, runId, CancellationToken.None));

    public HttpClient SandboxClient() => new() { BaseAddress = new Uri(Sandbox.BaseUrl("braze").GetLeftPart(UriPartial.Authority)) };

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        MassTransit.LogContext.Current = null;
        _folder.Delete(recursive: true);
    }
}
