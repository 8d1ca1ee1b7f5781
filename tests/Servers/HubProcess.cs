using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Npgsql;

namespace IntegrationHub.TestServers;

/// <summary>A real hub process (or sandbox process) on loopback, started, killed and asked over HTTP.</summary>
public sealed class HubProcess : IAsyncDisposable
{
    private const int LinesToKeep = 400;
    private static readonly string? Folder = Environment.GetEnvironmentVariable("HUB_TESTS_LOGS");

    private readonly string _verb;
    private readonly string _program;
    private readonly string _fixture;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly List<string> _log = [];
    private Process? _process;

    private HubProcess(string verb, int port, IReadOnlyDictionary<string, string> environment, string caller, string? program = null)
    {
        _verb = verb;
        _program = program ?? Path.Combine(AppContext.BaseDirectory, "IntegrationHub.Hub.dll");
        _fixture = Path.GetFileNameWithoutExtension(caller);
        _environment = environment;
        Port = port;
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Poll.Patience };
    }

    public int Port { get; }

    public HttpClient Http { get; }

    public int Id => _process!.Id;

    /// <summary>Everything the process wrote so far, over all its lives.</summary>
    public IReadOnlyList<string> Log
    {
        get
        {
            lock (_log)
            {
                return [.. _log];
            }
        }
    }

    /// <param name="environment">The settings.</param>
    /// <param name="caller">The fixture, by which its last words are found in the folder that <c>HUB_TESTS_LOGS</c> names.</param>
    /// <param name="program">The hub's assembly; that of this build when null.</param>
    public static async Task<HubProcess> ServeAsync(IReadOnlyDictionary<string, string> environment, [CallerFilePath] string caller = "", string? program = null)
    {
        var port = FreePort();
        var settings = new Dictionary<string, string>(environment) { ["Hub__Urls"] = $"http://127.0.0.1:{port}" };
        var hub = new HubProcess("serve", port, settings, caller, program);
        await hub.StartAsync();
        return hub;
    }

    /// <summary>Brings a database's schema up to date, as a step of its own, and waits for its end.</summary>
    /// <param name="environment">The settings.</param>
    /// <param name="program">The hub's assembly; that of this build when null.</param>
    /// <param name="caller">As in <see cref="ServeAsync"/>.</param>
    /// <returns>How many migrations were applied.</returns>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static async Task<int> MigrateAsync(IReadOnlyDictionary<string, string> environment, string? program = null, [CallerFilePath] string caller = "")
    {
        await using var step = new HubProcess("migrate", 0, environment, caller, program);
        step.Launch();
        await step._process!.WaitForExitAsync().WaitAsync(Poll.Patience);
        return step._process.ExitCode == 0
            ? step.Log.Count(line => line.StartsWith("Applied ", StringComparison.Ordinal))
            : throw new InvalidOperationException($"The step ended with {step._process.ExitCode}:\n{string.Join('\n', step.Log.TakeLast(20))}");
    }

    /// <param name="quotas">How the sandboxes count calls, as the verb's options say it.</param>
    /// <param name="caller">As in <see cref="ServeAsync"/>.</param>
    public static async Task<HubProcess> SandboxAsync(string quotas = "--no-quotas", [CallerFilePath] string caller = "")
    {
        var port = FreePort();
        var sandbox = new HubProcess($"sandbox --port {port} {quotas}", port, new Dictionary<string, string>(), caller);
        await sandbox.StartAsync();
        return sandbox;
    }

    /// <summary>Starts the process (again) and returns when it answers. What it held when it was killed is free at once: leases may be as long as a slow machine needs.</summary>
    public async Task StartAsync()
    {
        await FreeLeasesAsync();
        Launch();
        await Poll.Until(async () =>
        {
            if (_process!.HasExited)
            {
                throw new InvalidOperationException($"The process ended with {_process.ExitCode}:\n{string.Join('\n', Log.TakeLast(40))}");
            }

            return await AnswersAsync();
        }, "the process to answer");
    }

    /// <summary>Starts the process and returns at once.</summary>
    public void Launch()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            Arguments = $"\"{_program}\" {_verb}",
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["MASSTRANSIT_USAGE_TELEMETRY"] = "false";
        start.Environment.Remove("HUB_API_KEY");
        foreach (var (name, value) in _environment)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
    }

    /// <summary>Lets the process stand still (SIGSTOP) until <see cref="GoOn"/>; the machine keeps its connections.</summary>
    public void StandStill() => ServerProcess.Signal(Id, ServerProcess.Stop);

    /// <summary>Ends <see cref="StandStill"/>.</summary>
    public void GoOn() => ServerProcess.Signal(Id, ServerProcess.Continue);

    /// <summary>SIGTERM, as an orchestrator or a service manager stops it.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        ServerProcess.Signal(Id, ServerProcess.Terminate);
        await _process!.WaitForExitAsync().WaitAsync(Poll.Patience);
        return _process.ExitCode;
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await Http.GetAsync(path);
        var body = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? JsonDocument.Parse(body).RootElement
            : throw new InvalidOperationException($"GET {path}: {(int)answer.StatusCode} {body}");
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, object? body)
    {
        using var answer = await Http.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> PostCsvAsync(string path, Stream csv, string fileName)
    {
        using var content = new StreamContent(csv);
        content.Headers.ContentType = new("text/csv");
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.Add("X-File-Name", fileName);
        using var answer = await Http.SendAsync(request);
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (Folder is not null)
        {
            await File.WriteAllLinesAsync(Path.Combine(Folder, $"{_fixture}.{_verb.Split(' ')[0]}.{Port}.log"), Log.TakeLast(LinesToKeep));
        }

        Http.Dispose();
        _process?.Dispose();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task FreeLeasesAsync()
    {
        if (_process is null || !_environment.TryGetValue("Hub__ConnectionString", out var database))
        {
            return;
        }

        try
        {
            await using var connection = new NpgsqlConnection($"{database};Pooling=false");
            await connection.OpenAsync();
            await using var free = new NpgsqlCommand("UPDATE leases SET expires_at = now() WHERE owner LIKE @dead", connection);
            free.Parameters.AddWithValue("dead", $"{Environment.MachineName}-{_process.Id}-%");
            await free.ExecuteNonQueryAsync();
        }
        catch (NpgsqlException)
        {
            // The server is away: they end by themselves.
        }
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var answer = await Http.GetAsync(_verb == "serve" ? "/healthz/ready" : "/braze/_sandbox/stats");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            lock (_log)
            {
                _log.Add(line);
            }
        }
    }
}
