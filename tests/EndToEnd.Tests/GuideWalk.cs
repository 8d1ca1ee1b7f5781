using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub;
using IntegrationHub.Hub.Cli;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Runs;
using IntegrationHub.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace EndToEnd.Tests;

/// <summary>
/// Follows several guides at one hub, which like the program lives in the test's own process. Where a command says a word in capitals, it gets what the commands before have shown; what
/// a command starts is over before the next one is made, as a reader looks at what comes of it.
/// </summary>
internal sealed partial class GuideWalk : IAsyncDisposable
{
    private const string Program = "dotnet run --project Hub -- ";

    private static readonly HostVerbs _verbs = new()
    {
        Serve = (_, _) => Task.CompletedTask, Demo = (_, _, _, _) => throw new NotSupportedException(), Validate = HubHost.ValidateAsync, Moves = ConfigurationMoves.ListAsync, Warnings = HubHost.Warnings,
    };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hub-walk-");
    private readonly Dictionary<string, string> _exported = [];
    private readonly Dictionary<string, string> _shown = [];
    private readonly List<string> _failed = [];
    private EmbeddedHub? _hub;

    /// <summary>Commands that did not do what stands there, with what they said.</summary>
    public IReadOnlyList<string> Failed => _failed;

    /// <summary>Follows the guide that serves the hub, with all that the other guides write into files there when it starts.</summary>
    public static async Task<GuideWalk> BeginAsync(string first, IReadOnlyList<string> others)
    {
        var walk = new GuideWalk();
        Directory.CreateDirectory(walk.PathOf("Hub"));
        Directory.CreateSymbolicLink(walk.PathOf("Hub/Samples"), Samples());
        foreach (var block in GuideBlock.Of(first))
        {
            if (block.Serves)
            {
                foreach (var file in others.SelectMany(GuideBlock.Of).Where(block => !block.IsCommands))
                {
                    await file.WriteAsync(walk._folder.FullName);
                }

                walk._hub = await EmbeddedHub.StartAsync(null, $"--Hub:ConfigPath={walk.PathOf("config")}");
            }
            else
            {
                await walk.DoAsync(block);
            }
        }

        return walk;
    }

    /// <summary>Makes the commands of a guide; what each wrote.</summary>
    public async Task<IReadOnlyList<string>> FollowAsync(string guide)
    {
        var said = new List<string>();
        foreach (var block in GuideBlock.Of(guide).Where(block => block.IsCommands))
        {
            said.AddRange(await DoAsync(block));
        }

        return said;
    }

    public async ValueTask DisposeAsync()
    {
        if (_hub is not null)
        {
            await _hub.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    private async Task<IReadOnlyList<string>> DoAsync(GuideBlock block)
    {
        if (!block.IsCommands)
        {
            await block.WriteAsync(_folder.FullName);
            return [];
        }

        var said = new List<string>();
        foreach (var line in block.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var command = Hole().Replace(line, hole => _shown.GetValueOrDefault(hole.Value, hole.Value));
            if (command.StartsWith("export ", StringComparison.Ordinal))
            {
                var name = command["export ".Length..].Split('=', 2);
                _exported[name[0]] = name[1];
            }
            else
            {
                said.Add(await (command.StartsWith(Program, StringComparison.Ordinal) ? CallAsync(command[Program.Length..]) : RunAsync(command)));
            }
        }

        return said;
    }

    private async Task<string> CallAsync(string call)
    {
        string[] words = [.. Word().Matches(Remark().Replace(call, "")).Select(word => Placed(word.Value.Trim('\'')))];
        var isShown = words.Contains("show");
        // What was asked for just now can be shown, and is over, a moment later.
        var (code, said) = await Poll.For(() => MakeAsync(words), made => made.Code == ExitCode.Done || !(isShown || made.Said.Contains("is not over", StringComparison.Ordinal)), $"'{call}' to be answered");
        if (code != ExitCode.Done)
        {
            _failed.Add($"{call}: {code}\n{said}");
        }

        if (isShown)
        {
            Keep("HASH", OfferedPlan().Match(said));
        }
        else
        {
            Remember(said);
        }

        await Poll.Until(async () => (await RunsAsync()).All(run => run.FinishedAt is not null || run.State == RunState.AwaitingApproval), $"the runs to be over after '{call}'");
        return said;
    }

    private async Task<(int Code, string Said)> MakeAsync(string[] words)
    {
        using var output = new StringWriter();
        var terminal = new Terminal { Out = output, Error = output, Variable = name => name == "HUB_URL" ? _hub!.Address.ToString() : _exported.GetValueOrDefault(name) };
        var code = await CommandLine.RunAsync(words, _verbs, terminal).WaitAsync(Poll.Patience);
        return (code, output.ToString());
    }

    private async Task<IReadOnlyList<RunView>> RunsAsync() =>
        (await _hub!.Services.GetRequiredService<OutboxTransaction>().ReadAsync(db => _hub.Services.GetRequiredService<IRunStore>().ListAsync(db, new RunFilter(), new PageAsk(), CancellationToken.None))).Items;

    private async Task<string> RunAsync(string command)
    {
        using var process = Process.Start(new ProcessStartInfo("bash") { ArgumentList = { "-c", command }, WorkingDirectory = _folder.FullName, RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Poll.Patience);
        Assert.That(process.ExitCode, Is.Zero, command);
        return output;
    }

    /// <summary>What the next commands mean with ID and RUN, HASH, KEY and KEY_ID: whatever was shown last; of many the first, unless one is offered for an approval.</summary>
    private void Remember(string said)
    {
        Keep("ID", OfferedRun().Match(said), Id().Match(said));
        Keep("RUN", OfferedRun().Match(said), Id().Match(said));
        Keep("HASH", OfferedPlan().Match(said));
        Keep("KEY", Key().Match(said));
        Keep("KEY_ID", KeyId().Match(said));
    }

    private void Keep(string hole, params Match[] seen)
    {
        if (Array.Find(seen, match => match.Success) is { } match)
        {
            _shown[hole] = match.Groups[1].Value;
        }
    }

    /// <summary>A file or folder that stands in the reader's folder, where the reader stands.</summary>
    private string Placed(string word)
    {
        var (name, value) = word.LastIndexOf('=') is > 0 and var at ? (word[..(at + 1)], word[(at + 1)..]) : ("", word);
        return value.EndsWith(".json", StringComparison.Ordinal) || Path.Exists(PathOf(value)) ? name + PathOf(value) : word;
    }

    private string PathOf(string relative) => Path.Combine(_folder.FullName, relative);

    private static string Samples([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../Hub/Samples"));

    [GeneratedRegex(@"'[^']*'|\S+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\s+#\s.*$")]
    private static partial Regex Remark();

    [GeneratedRegex(@"\b(?:ID|RUN|HASH|KEY|KEY_ID)\b")]
    private static partial Regex Hole();

    [GeneratedRegex(@"\b([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b")]
    private static partial Regex Id();

    [GeneratedRegex(@"approve ([0-9a-f-]{36}) --plan")]
    private static partial Regex OfferedRun();

    [GeneratedRegex(@"--plan ([0-9a-f]{16,})")]
    private static partial Regex OfferedPlan();

    [GeneratedRegex(@"^(hub_\S+)$", RegexOptions.Multiline)]
    private static partial Regex Key();

    [GeneratedRegex(@"^Key (\S+) of ", RegexOptions.Multiline)]
    private static partial Regex KeyId();
}
