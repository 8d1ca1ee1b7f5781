using System.Diagnostics;
using IntegrationHub.Hub.Tests.Docs;
using IntegrationHub.TestServers;

namespace IntegrationHub.Hub.Tests.Intake.Facts;

/// <summary>A sample producer, run as its README says. Node.js and npm have to be installed for the one in Node.js.</summary>
internal sealed class SampleProducer
{
    private readonly string _command;
    private readonly string _program;

    private SampleProducer(string command, string program) => (_command, _program) = (command, program);

    /// <summary>Makes it ready: the .NET one was built with the tests, the other gets its packages in a folder of its own.</summary>
    public static async Task<SampleProducer> PrepareAsync(string language, DirectoryInfo folder)
    {
        var source = Path.GetFullPath(Path.Combine(Runbook.Folder, "..", "..", "Samples", "producers", language));
        if (language == "dotnet")
        {
            var output = Path.GetRelativePath(Path.Combine(Runbook.Folder, "..", "..", "..", "tests", "Hub.Tests"), AppContext.BaseDirectory);
            return new SampleProducer("dotnet", Path.Combine(source, output, "IntegrationHub.SampleProducer.dll"));
        }

        var copy = folder.CreateSubdirectory(language).FullName;
        foreach (var file in Directory.GetFiles(source))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)), overwrite: true);
        }

        await RunAsync("npm", ["ci", "--prefix", copy, "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-timeout=20000", "--fetch-retries=5"], null);
        return new SampleProducer("node", Path.Combine(copy, "publish.mjs"));
    }

    /// <summary>Publishes a fact; what the program says at the end.</summary>
    public Task<string> PublishAsync(Uri broker, string file) => RunAsync(_command, [_program, file], broker);

    private static async Task<string> RunAsync(string command, string[] arguments, Uri? broker)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["AMQP_URL"] = broker?.ToString();
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(Poll.Patience);
        await process.WaitForExitAsync(patience.Token);
        Assert.That(process.ExitCode, Is.Zero, $"{command}: {await error}");
        return (await output).Trim();
    }
}
