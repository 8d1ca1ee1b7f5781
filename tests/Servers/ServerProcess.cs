using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace IntegrationHub.TestServers;

/// <summary>What the private servers share: processes with their output in a file, signals by pid, free ports.</summary>
internal static partial class ServerProcess
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    /// <summary>Starts a program in a session of its own, so that an interrupted test run leaves its end to us; replaces the shell that redirects.</summary>
    public static Process Start(string log, IReadOnlyDictionary<string, string> environment, params IEnumerable<string> command)
    {
        var start = new ProcessStartInfo("/bin/bash") { WorkingDirectory = "/" };
        foreach (var argument in (IEnumerable<string>)["-c", "exec setsid \"$@\" >>\"$0\" 2>&1 </dev/null", log, .. command])
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message holds the end of its output.</exception>
    public static async Task RunAsync(string log, params IEnumerable<string> command)
    {
        using var process = Start(log, new Dictionary<string, string>(), command);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}: {Tail(log)}");
    }

    /// <summary>Sends a signal; a process that is gone already is fine.</summary>
    public static void Signal(int pid, int signal) => _ = SendSignal(pid, signal);

    public static bool IsAlive(int pid) => SendSignal(pid, 0) == 0 && !IsZombie(pid);

    public static Task Gone(int pid) => Poll.Until(() => !IsAlive(pid), $"process {pid} to end");

    /// <summary>A port on loopback such that it and the given distances from it are free, below the range that the system hands out.</summary>
    public static int FreePort(params int[] distances)
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(20_000, 30_000);
            if (distances.Prepend(0).All(distance => IsFree(port + distance)))
                return port;
        }
        throw new InvalidOperationException("No free loopback port was found between 20000 and 30000.");
    }

    public static string Tail(string log) => File.Exists(log) ? string.Join('\n', File.ReadLines(log).TakeLast(15)) : "(no output)";

    /// <summary>A new folder that other users may enter: PostgreSQL runs as its own user when we are root.</summary>
    public static string NewFolder(string prefix)
    {
        var folder = Directory.CreateTempSubdirectory(prefix).FullName;
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        return folder;
    }

    public static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // A last helper of the server may still be writing; the folder is temporary anyway.
        }
    }

    private static bool IsZombie(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].StartsWith('Z');
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int pid, int signal);
}
