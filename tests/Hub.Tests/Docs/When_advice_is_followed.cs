using IntegrationHub.Hub.Cli;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage;
using IntegrationHub.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Docs;

/// <summary>
/// Every call that is advised anywhere is made once, as its reader would fill it in, at a whole hub that knows nothing of what it names: each is understood, and what cannot be done is refused in words
/// that name it. What comes of the calls where there is something to do is tested where the advice is given.
/// </summary>
public sealed class When_advice_is_followed
{
    /// <summary>Verbs that need no hub.</summary>
    private static readonly string[] _ofTheProcess = ["validate", "demo", "migrate", "map"];

    /// <summary>How the program says that nobody who knows the call answered it; other failures are refusals for what is so at the hub.</summary>
    private static readonly string[] _noAnswers = ["The hub failed", "is not a hub", "(409)"];

    private WholeHub _hub = null!;
    private string _file = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _hub = await WholeHub.StartAsync(StorageDatabase.Sqlite);
        _file = Path.Combine(_hub.Folder, "list.csv");
        await File.WriteAllTextAsync(_file, string.Join(',', _hub.Services.GetRequiredService<HubConfiguration>().Audiences["customers"].Columns.Select(column => column.Header)) + "\n");
    }

    [OneTimeTearDown]
    public async Task Stop() => await _hub.DisposeAsync();

    [Test]
    public async Task Should_be_understood_by_the_hub()
    {
        // Keys come last: with one of them the hub asks for keys.
        var calls = Advice.Calls.Select(advice => advice.Call).Where(call => !_ofTheProcess.Contains(call.Split(' ')[0])).Select(call => Advice.Fill(call, _file))
            .DistinctBy(words => string.Join(' ', words)).OrderBy(words => words[0] == "keys").ToList();
        var wrong = new List<string>();
        var made = 0;
        foreach (var words in calls)
        {
            using StringWriter output = new(), error = new();
            var terminal = new Terminal { Out = output, Error = error, Variable = _ => null };
            if (Advice.IsBare(words, CommandLine.Build(Verbs(), terminal).Parse(words)))
            {
                continue;
            }

            made++;
            var code = await CommandLine.RunAsync([.. words, "--hub", _hub.Http.BaseAddress!.ToString()], Verbs(), terminal).WaitAsync(Poll.Patience);
            var said = error.ToString();
            if ((code == ExitCode.Failed && _noAnswers.Any(said.Contains)) || (code == ExitCode.Usage && !Named(words).Any(word => said.Contains(word, StringComparison.Ordinal))))
            {
                wrong.Add($"{string.Join(' ', words)}: {code}: {said} {output}");
            }
        }

        Assert.That(made, Is.GreaterThan(80), "the look itself");
        Assert.That(wrong, Is.Empty);
    }

    /// <summary>What the reader filled in, or the verb where that is nothing; of people's keys nothing is said but what they are.</summary>
    private static IEnumerable<string> Named(string[] words) => words[0] == "identity" ? ["person", "id"] : words.Skip(1).Where(word => !word.StartsWith("--", StringComparison.Ordinal)).Append(words[0]);

    private static HostVerbs Verbs() => new() { Serve = (_, _) => Task.CompletedTask, Demo = (_, _, _, _) => Task.CompletedTask, Validate = (_, _) => Task.FromResult<IReadOnlyList<ConfigurationError>>([]) };
}
