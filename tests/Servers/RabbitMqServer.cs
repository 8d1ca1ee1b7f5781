using System.Diagnostics;
using System.Security.Cryptography;

namespace IntegrationHub.TestServers;

/// <summary>
/// A private RabbitMQ process that a test may stop, kill and start again on the same data. The management API answers at the AMQP
/// port + 10. Dispose stops it and deletes its data.
/// </summary>
public sealed class RabbitMqServer : IAsyncDisposable
{
    private const string Binaries = "/usr/lib/rabbitmq/bin";

    private readonly string _folder = ServerProcess.NewFolder("hub-rabbitmq-");
    private readonly Dictionary<string, string> _environment;
    private int? _pid;

    private RabbitMqServer(int port)
    {
        Port = port;
        _environment = WriteConfiguration();
    }

    /// <summary>The loopback AMQP port; stays the same over restarts.</summary>
    public int Port { get; }

    /// <summary>AMQP address of the administrator on the default virtual host.</summary>
    public Uri Uri => new($"amqp://guest:guest@127.0.0.1:{Port}/");

    /// <summary>Process id of the running server.</summary>
    public int Pid => _pid ?? throw new InvalidOperationException("The server is not running.");

    private string Log => Path.Combine(_folder, "out.log");

    private string PidFile => Path.Combine(_folder, "pid");

    /// <summary>Starts a server on empty data; 5 to 8 s.</summary>
    /// <param name="port">A free loopback port, free also at + 1, + 2 and + 10; chosen when null.</param>
    /// <exception cref="InvalidOperationException">RabbitMQ is not installed or does not start; the message says what to do.</exception>
    public static async Task<RabbitMqServer> StartAsync(int? port = null)
    {
        if (!File.Exists($"{Binaries}/rabbitmq-server"))
            throw new InvalidOperationException("This test starts and kills a RabbitMQ of its own, and none is installed. On Debian: apt-get install rabbitmq-server (tests/run does it as root).");
        var server = new RabbitMqServer(port ?? ServerProcess.FreePort(1, 2, 10));
        try
        {
            await server.RestartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops cleanly.</summary>
    public Task StopAsync() => EndAsync(ServerProcess.Terminate);

    /// <summary>
    /// Ends the server as a crash would (SIGKILL). RabbitMQ writes virtual hosts, queues and exchanges to disk with a delay of about two
    /// seconds, so what was declared just before is gone; confirmed messages are not.
    /// </summary>
    public Task KillAsync() => EndAsync(ServerProcess.Kill);

    /// <summary>Raises the alarm for memory, as a broker does that is full: it takes no message until the alarm is over.</summary>
    /// <param name="isFull">False ends the alarm.</param>
    /// <exception cref="InvalidOperationException">The server refused; the message holds the end of its output.</exception>
    public async Task AlarmAsync(bool isFull)
    {
        using var control = ServerProcess.Start(Log, _environment, $"{Binaries}/rabbitmqctl", "set_vm_memory_high_watermark", isFull ? "0" : "0.6");
        await control.WaitForExitAsync();
        if (control.ExitCode != 0)
            throw new InvalidOperationException($"rabbitmqctl ended with {control.ExitCode}: {ServerProcess.Tail(Log)}");
    }

    /// <summary>Starts again on the same data and ports, stopping first when it runs, and waits until AMQP and management answer.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        File.Delete(PidFile);
        var script = ServerProcess.Start(Log, _environment, $"{Binaries}/rabbitmq-server");
        using var management = RabbitMqVirtualHost.ManagementOf(Uri);
        await Poll.Until(async () => script.HasExited || await AnswersAsync(management), $"RabbitMQ on port {Port} to answer");
        if (script.HasExited)
            throw new InvalidOperationException($"RabbitMQ did not start on port {Port}: {ServerProcess.Tail(Log)}");
        _pid = int.Parse(await File.ReadAllTextAsync(PidFile));
    }

    /// <summary>Stops the server and its port mapper and deletes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        using var epmd = ServerProcess.Start(Log, _environment, "epmd", "-kill");
        await epmd.WaitForExitAsync();
        ServerProcess.Delete(_folder);
    }

    private static async Task<bool> AnswersAsync(HttpClient management)
    {
        try
        {
            return (await management.GetAsync("api/overview")).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task EndAsync(int signal)
    {
        if (_pid is not { } pid)
            return;
        ServerProcess.Signal(pid, signal);
        await ServerProcess.Gone(pid);
        _pid = null;
    }

    private Dictionary<string, string> WriteConfiguration()
    {
        var home = Directory.CreateDirectory(Path.Combine(_folder, "home")).FullName;
        var cookie = Path.Combine(home, ".erlang.cookie");
        File.WriteAllText(cookie, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        File.SetUnixFileMode(cookie, UnixFileMode.UserRead);
        File.WriteAllText(Path.Combine(_folder, "enabled_plugins"), "[rabbitmq_management,rabbitmq_consistent_hash_exchange].\n");
        File.WriteAllText(Path.Combine(_folder, "rabbitmq.conf"), $"""
            listeners.tcp.1 = 127.0.0.1:{Port}
            management.tcp.ip = 127.0.0.1
            management.tcp.port = {Port + 10}
            disk_free_limit.absolute = 100MB

            """);
        return new Dictionary<string, string>
        {
            ["HOME"] = home,
            ["RABBITMQ_NODENAME"] = $"hub{Port}@localhost",
            ["RABBITMQ_NODE_PORT"] = $"{Port}",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_DIST_PORT"] = $"{Port + 1}",
            ["ERL_EPMD_PORT"] = $"{Port + 2}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder, "mnesia"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(_folder, "log"),
            ["RABBITMQ_PID_FILE"] = PidFile,
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "rabbitmq.conf"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "enabled_plugins"),
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
        };
    }
}
