using System.Diagnostics;
using Npgsql;

namespace IntegrationHub.TestServers;

/// <summary>
/// A private PostgreSQL process that a test may stop, kill and start again on the same data. Works as root (the server then runs as the
/// user <c>postgres</c>) and as any other user. Dispose stops it and deletes its data.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly string _folder = ServerProcess.NewFolder("hub-postgres-");
    private readonly string _binaries = FindBinaries();
    private Process? _process;

    private PostgresServer(int port) => Port = port;

    /// <summary>The loopback port; stays the same over restarts.</summary>
    public int Port { get; }

    /// <summary>Connection string of the superuser on the database <c>postgres</c>; unpooled, so that nothing outlives a kill.</summary>
    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Username=postgres;Database=postgres;Timeout=5;Pooling=false";

    /// <summary>Process id of the running server.</summary>
    public int Pid => _process?.Id ?? throw new InvalidOperationException("The server is not running.");

    private string Data => Path.Combine(_folder, "cluster", "data");

    private string Log => Path.Combine(_folder, "log");

    /// <summary>Starts a server on empty data; about 1.5 s.</summary>
    /// <param name="port">A free loopback port; chosen when null.</param>
    /// <exception cref="InvalidOperationException">PostgreSQL is not installed or does not start; the message says what to do.</exception>
    public static async Task<PostgresServer> StartAsync(int? port = null)
    {
        var server = new PostgresServer(port ?? ServerProcess.FreePort());
        try
        {
            await server.InitializeAsync();
            await server.RestartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops cleanly; clients are disconnected.</summary>
    public Task StopAsync() => EndAsync(ServerProcess.Interrupt);

    /// <summary>Ends the server as a crash would (SIGKILL).</summary>
    public Task KillAsync() => EndAsync(ServerProcess.Kill);

    /// <summary>Starts again on the same data and port, stopping first when it runs, and waits until it answers.</summary>
    public async Task RestartAsync()
    {
        if (_process is not null)
            await StopAsync();
        await Poll.Until(TryStartAsync, "PostgreSQL to start");
    }

    /// <summary>Stops the server and deletes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await StopAsync();
        ServerProcess.Delete(_folder);
    }

    private async Task InitializeAsync()
    {
        var cluster = Directory.CreateDirectory(Path.Combine(_folder, "cluster")).FullName;
        if (Environment.IsPrivilegedProcess)
            await ServerProcess.RunAsync(Log, "chown", "postgres:postgres", cluster);
        await ServerProcess.RunAsync(Log, AsServerUser($"{_binaries}/initdb", "-D", Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"));
    }

    // After a kill the old children hold the shared memory for a moment and a start is refused; then it is tried again.
    private async Task<bool> TryStartAsync()
    {
        var process = ServerProcess.Start(Log, new Dictionary<string, string>(), AsServerUser(
            $"{_binaries}/postgres", "-D", Data, "-p", $"{Port}", "-c", "listen_addresses=127.0.0.1",
            "-c", $"unix_socket_directories={Path.GetDirectoryName(Data)}", "-c", "max_connections=200"));
        await Poll.Until(async () => process.HasExited || await AnswersAsync(), $"PostgreSQL on port {Port} to answer");
        if (!process.HasExited)
        {
            _process = process;
            return true;
        }
        process.Dispose();
        if (!ServerProcess.Tail(Log).Contains("shared memory", StringComparison.Ordinal) && !ServerProcess.Tail(Log).Contains("postmaster.pid", StringComparison.Ordinal))
            throw new InvalidOperationException($"PostgreSQL did not start on port {Port}: {ServerProcess.Tail(Log)}");
        return false;
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString);
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async Task EndAsync(int signal)
    {
        if (_process is not { } process)
            return;
        ServerProcess.Signal(process.Id, signal);
        await process.WaitForExitAsync();
        process.Dispose();
        _process = null;
    }

    // setpriv replaces itself by the command, so the pid is the server's own; initdb and postgres refuse to run as root.
    private static string[] AsServerUser(params string[] command) =>
        Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", .. command] : command;

    private static string FindBinaries()
    {
        var debian = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(version => int.TryParse(Path.GetFileName(version), out var number) ? number : 0).Select(version => $"{version}/bin")
            : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return debian.Concat(path).FirstOrDefault(folder => File.Exists($"{folder}/initdb"))
            ?? throw new InvalidOperationException("This test starts and kills a PostgreSQL of its own, and none is installed. On Debian: apt-get install postgresql (tests/run does it as root).");
    }
}
