using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using IntegrationHub.TestServers;

namespace EndToEnd.Tests;

/// <summary>
/// Follows a guide in a folder of its own: a fenced block with a path is written to that file; a block of commands is run by bash and must
/// succeed; what the block <c>bash serve</c> starts goes on beside the others.
/// </summary>
/// <param name="replacements">What stands in a guide for the reader's own things, and what the test has instead.</param>
internal sealed partial class GuideReader(IReadOnlyDictionary<string, string>? replacements = null) : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hub-guide-");
    private readonly int _port = HubProcess.FreePort();
    private readonly List<string> _before = [];
    private Process? _serving;
    private int _published;

    private string Address => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}");

    /// <summary>Writes the files of a guide without running its commands.</summary>
    public async Task PrepareAsync(string guide)
    {
        foreach (var block in GuideBlock.Of(guide).Where(block => !block.IsCommands))
        {
            await block.WriteAsync(_folder.FullName);
        }
    }

    /// <summary>Puts the files of a folder of the repository at the same place in the reader's own, where commands may leave things beside them.</summary>
    public void Copy(string folder)
    {
        var copy = _folder.CreateSubdirectory(folder).FullName;
        foreach (var file in Directory.GetFiles(PathTo($"../../{folder}")))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }
    }

    /// <summary>Does everything that a guide says; what each block of commands wrote.</summary>
    public async Task<IReadOnlyList<string>> FollowAsync(string guide)
    {
        var said = new List<string>();
        foreach (var block in GuideBlock.Of(guide))
        {
            if (!block.IsCommands)
            {
                await block.WriteAsync(_folder.FullName);
            }
            else if (block.Serves)
            {
                await ServeAsync(block.Text);
            }
            else
            {
                said.Add(await RunAsync(block.Text));
            }
        }

        Assert.That(said, Is.Not.Empty, $"{guide} has commands");
        return said;
    }

    /// <summary>The runs of the hub that the guide serves, newest first.</summary>
    public async Task<IReadOnlyList<JsonElement>> RunsAsync()
    {
        using var http = new HttpClient { BaseAddress = new Uri(Address) };
        using var runs = JsonDocument.Parse(await http.GetStringAsync("/v1/runs"));
        return [.. runs.RootElement.Clone().GetProperty("items").EnumerateArray()];
    }

    public async ValueTask DisposeAsync()
    {
        if (_serving is { HasExited: false })
        {
            _serving.Kill(entireProcessTree: true);
            await _serving.WaitForExitAsync();
        }

        _serving?.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task ServeAsync(string commands)
    {
        _serving = Start(string.Join('\n', [.. _before, commands.Replace("dotnet run --project Hub --", "exec dotnet \"$HUB\"", StringComparison.Ordinal)]), listens: false);
        using var http = new HttpClient { BaseAddress = new Uri(Address) };
        await Poll.Until(
            async () =>
            {
                Assert.That(_serving.HasExited, Is.False, "the hub of the guide ended");
                try
                {
                    return (await http.GetAsync("/healthz/ready")).IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "the guide's hub");
    }

    /// <summary>What one block defines and exports holds for the next ones, as in a reader's terminal.</summary>
    private async Task<string> RunAsync(string commands)
    {
        using var process = Start(string.Join('\n', [.. _before, commands]));
        _before.AddRange(Definitions().Matches(commands).Select(definition => definition.Value));
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(Poll.Patience);
        await process.WaitForExitAsync(patience.Token);
        Assert.That(process.ExitCode, Is.Zero, $"{commands}\n{await output}\n{await error}");
        if (Publications().IsMatch(commands))
        {
            await TakenInAsync(commands);
        }

        return await output;
    }

    /// <summary>A reader takes a breath after publishing; here the ledger is asked until it holds what was published so far.</summary>
    private async Task TakenInAsync(string commands)
    {
        _published += Publications().Count(commands);
        await Poll.Until(async () => await CountFactsAsync() >= _published, "the facts to be taken in");
    }

    /// <summary>How many facts the hub of the guide holds.</summary>
    public Task<long> CountFactsAsync() => CountAsync("SELECT count(*) FROM facts");

    /// <summary>How many members the hub of the guide knows at vendors.</summary>
    public Task<long> CountMembersAsync() => CountAsync("SELECT count(*) FROM destination_members WHERE is_member");

    private async Task<long> CountAsync(string sql)
    {
        await using var database = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_folder.FullName, "data", "hub.db")};Mode=ReadOnly");
        await database.OpenAsync();
        await using var count = database.CreateCommand();
        count.CommandText = sql;
        return (long)(await count.ExecuteScalarAsync())!;
    }

    private Process Start(string commands, bool listens = true)
    {
        var script = new StringBuilder("set -e\ndotnet() { if [ \"$1\" = run ]; then shift 4; command dotnet \"$HUB\" \"$@\"; else command dotnet \"$@\"; fi; }\n").Append(commands).ToString();
        foreach (var (theirs, ours) in replacements ?? new Dictionary<string, string>())
        {
            script = script.Replace(theirs, ours, StringComparison.Ordinal);
        }

        var start = new ProcessStartInfo("bash") { ArgumentList = { "-c", script }, WorkingDirectory = _folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HUB"] = Path.Combine(AppContext.BaseDirectory, "IntegrationHub.Hub.dll");
        start.Environment["HUB_URL"] = Address;
        start.Environment["Hub__Urls"] = Address;
        start.Environment["MASSTRANSIT_USAGE_TELEMETRY"] = "false";
        start.Environment.Remove("HUB_API_KEY");
        var process = Process.Start(start)!;
        if (!listens)
        {
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        return process;
    }

    /// <summary>Exports, and functions up to their closing brace.</summary>
    [GeneratedRegex(@"^export [^\n]+$|^\w+\(\) \{.*?^\}$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Definitions();

    [GeneratedRegex(@"^publish [^\n]+$", RegexOptions.Multiline)]
    private static partial Regex Publications();

    private static string PathTo(string relative, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, relative);
}
