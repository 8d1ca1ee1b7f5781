using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Hub.Tests.Configuration;
using IntegrationHub.Hub;
using IntegrationHub.Storage;
using IntegrationHub.TestServers;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace IntegrationHub.Hub.Tests.Security;

/// <summary>A whole hub that wants keys, and calls of it.</summary>
internal sealed class HubWithKeys : IAsyncDisposable
{
    /// <summary>The key of the settings.</summary>
    public const string Key = "the key of the settings";

    private readonly PostgresDatabase? _postgres;
    private readonly DirectoryInfo _folder;
    private readonly ConfigurationFixture? _configuration;
    private readonly HubApplication _hub;
    private readonly HttpClient _http;

    private HubWithKeys(PostgresDatabase? postgres, DirectoryInfo folder, ConfigurationFixture? configuration, HubApplication hub)
    {
        (_postgres, _folder, _configuration, _hub) = (postgres, folder, configuration, hub);
        _http = new HttpClient { BaseAddress = new Uri(hub.Web.Urls.Single()) };
    }

    public IServiceProvider Services => _hub.Web.Services;

    /// <summary>Where it answers.</summary>
    public Uri Address => _http.BaseAddress!;

    public IEnumerable<RouteEndpoint> Routes => ((IEndpointRouteBuilder)_hub.Web).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

    /// <summary>Starts one on the sample configuration.</summary>
    /// <param name="database">Its database.</param>
    /// <param name="customize">What the test has instead.</param>
    /// <param name="approvals">What <c>approvals.yaml</c> says; null for no such file.</param>
    /// <param name="settings">What else is set.</param>
    public static async Task<HubWithKeys> StartAsync(StorageDatabase database, Action<WebApplicationBuilder>? customize = null, string? approvals = null, params string[] settings)
    {
        var postgres = database == StorageDatabase.Postgres ? await MigratedDatabase.CreateAsync() : null;
        var folder = Directory.CreateTempSubdirectory("hub-keys-");
        if (postgres is null)
        {
            await MigratedDatabase.CreateAsync(Path.Combine(folder.FullName, "hub.db"));
        }

        var file = Path.Combine(folder.FullName, "key");
        await File.WriteAllTextAsync(file, Key);
        var configuration = approvals is null ? null : new ConfigurationFixture().Write("approvals.yaml", approvals);
        var hub = await HubApplication.BuildAsync(
            [
                $"--Hub:Database={database}", .. configuration is null ? Array.Empty<string>() : [$"--Hub:ConfigPath={configuration.Folder}"],
                .. postgres is null ? Array.Empty<string>() : [$"--Hub:ConnectionString={postgres.ConnectionString}"],
                "--Hub:Urls=http://127.0.0.1:0", $"--Hub:DataPath={folder.FullName}", $"--Hub:ApiKeyFile={file}", "--Hub:LogLevel=Error", "--Hub:Delivery:Quotas=false", .. settings,
            ],
            customize,
            CancellationToken.None);
        await hub.StartAsync(CancellationToken.None);
        return new HubWithKeys(postgres, folder, configuration, hub);
    }

    /// <summary>Calls, and gives status and JSON answer.</summary>
    public async Task<(int Status, JsonElement Body, HttpResponseMessage Answer)> CallAsync(string key, string route, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(route.Split(' ')[0]), route.Split(' ')[1]) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return ((int)answer.StatusCode, text.Length > 0 && text[0] is '{' or '[' ? JsonElement.Parse(text) : default, answer);
    }

    /// <summary>Makes a key, with the key of the settings.</summary>
    public async Task<(string Id, string Text)> MakeAsync(string principal, params string[] roles)
    {
        var (status, body, _) = await CallAsync(Key, "POST /v1/keys", new { principal, roles });
        Assert.That(status, Is.EqualTo(201), body.ToString());
        return (body.GetProperty("key_id").GetString()!, body.GetProperty("key").GetString()!);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _hub.DisposeAsync();
        LogContext.Current = null;
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
        _configuration?.Dispose();
    }
}
