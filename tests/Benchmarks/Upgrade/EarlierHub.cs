using System.Diagnostics;

namespace IntegrationHub.Benchmarks.Upgrade;

/// <summary>A hub that was built from an earlier commit, in a folder of its own; gone with it.</summary>
internal sealed class EarlierHub : IDisposable
{
    private readonly DirectoryInfo _folder;

    private EarlierHub(DirectoryInfo folder, string commit) => (_folder, Commit) = (folder, commit);

    /// <summary>The commit, in short.</summary>
    public string Commit { get; }

    /// <summary>How long the build took.</summary>
    public double Seconds { get; private set; }

    /// <summary>Its assembly.</summary>
    public string Program => Path.Combine(_folder.FullName, "out", "IntegrationHub.Hub.dll");

    /// <summary>Builds one.</summary>
    /// <param name="from">What git calls the commit; when empty where this branch left <c>origin/main</c>, or the one before when it has not left it.</param>
    /// <exception cref="InvalidOperationException">There is no such commit in this clone, or it does not build. The message says what to do.</exception>
    public static async Task<EarlierHub> BuildAsync(string from)
    {
        var root = await GitAsync(Environment.CurrentDirectory, "rev-parse", "--show-toplevel")
            ?? throw new InvalidOperationException("This is no clone of the repository, so it has no earlier version to build. Run it in a clone with its history: git clone, without --depth.");
        var commit = await FindAsync(root, from) ?? throw new InvalidOperationException(
            $"This clone does not have {(from.Length > 0 ? from : "an earlier commit")}{(await GitAsync(root, "rev-parse", "--is-shallow-repository") == "true" ? ", for it is a shallow one: git fetch --unshallow (in GitHub Actions fetch-depth: 0)" : "")}. Name one that it has: --from COMMIT.");
        var earlier = new EarlierHub(Directory.CreateTempSubdirectory("hub-earlier-"), commit);
        try
        {
            await earlier.BuildIn(root);
            return earlier;
        }
        catch
        {
            earlier.Dispose();
            throw;
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task<string?> FindAsync(string root, string from)
    {
        if (from.Length > 0)
        {
            return await GitAsync(root, "rev-parse", "--short", "--verify", "--quiet", $"{from}^{{commit}}");
        }

        var head = await GitAsync(root, "rev-parse", "--short", "HEAD");
        var left = await GitAsync(root, "merge-base", "HEAD", "origin/main") is { } common ? await GitAsync(root, "rev-parse", "--short", common) : null;
        return left is not null && left != head ? left : await GitAsync(root, "rev-parse", "--short", "--verify", "--quiet", "HEAD^");
    }

    private async Task BuildIn(string root)
    {
        ScenarioOptions.Progress($"building {Commit}");
        var started = TimeProvider.System.GetTimestamp();
        var archive = Path.Combine(_folder.FullName, "source.tar");
        var source = Directory.CreateDirectory(Path.Combine(_folder.FullName, "source")).FullName;
        if (await GitAsync(root, "archive", "--format=tar", "-o", archive, Commit) is null)
        {
            throw new InvalidOperationException($"git archive {Commit} failed.");
        }

        await System.Formats.Tar.TarFile.ExtractToDirectoryAsync(archive, source, overwriteFiles: false);
        var (code, output) = await RunAsync(source, "dotnet", "build", "Hub", "-c", "Release", "-o", Path.Combine(_folder.FullName, "out"), "-v", "q", "-clp:ErrorsOnly", "-p:NuGetAudit=false");
        Seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        if (code != 0)
        {
            throw new InvalidOperationException($"{Commit} does not build:\n{output}");
        }
    }

    private static async Task<string?> GitAsync(string folder, params string[] arguments) => await RunAsync(folder, "git", arguments) is (0, var output) ? output.Trim() : null;

    private static async Task<(int Code, string Output)> RunAsync(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start.");
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, $"{await output}{(process.ExitCode == 0 ? "" : await error)}");
    }
}
