using System.CommandLine;
using System.Text.Json;
using IntegrationHub.Hub.Intake;
using IntegrationHub.Hub.Intake.Facts;
using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>events …</c>: state facts, and see those that were taken in.</summary>
internal static class EventVerbTree
{
    private const int BatchFacts = FactRoutes.BatchFacts;
    private const int BatchBytes = 4 * 1024 * 1024;
    private const int MaxLineBytes = FactBody.MaxBytes / 2;
    private const int ShownProblems = 20;

    public static Verb Build(Terminal terminal) => new("events", "State facts about people, as a producer would, and see those that were taken in.", "events send facts.ndjson", "events list --after 0")
    {
        Send(terminal),
        LogVerb.Build(terminal),
    };

    private static Verb Send(Terminal terminal)
    {
        var hub = HubOption.Create();
        var file = new Argument<string>("FILE") { Description = "File with one fact per line (.ndjson), or one fact or an array of them (.json)." };
        return new Verb(
            "send",
            "Send facts to the hub, in its envelope or as CloudEvents. What is known already changes nothing, so a file may be sent again. Exit code 1 when facts were quarantined.",
            "events send facts.ndjson",
            "events send profile.json --json")
        { Arguments = { file }, Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var sent = new Tally();
                await foreach (var batch in ReadAsync(call.Get(file), cancellationToken))
                {
                    sent.Add((await client.SendFactsAsync(batch, cancellationToken)).Deserialize<FactsJson>()!);
                    if (call.Terminal.ErrorIsScreen)
                    {
                        call.Terminal.Error.Write($"\r{sent.Facts} facts sent");
                    }
                }

                if (call.Terminal.ErrorIsScreen)
                {
                    call.Terminal.Error.WriteLine();
                }

                Show(call, sent);
                return sent.Quarantined > 0 ? ExitCode.Issues : ExitCode.Done;
            },
            terminal);
    }

    private static void Show(VerbCall call, Tally sent)
    {
        if (call.Json)
        {
            call.Write(new FactsJson(sent.Accepted, sent.Duplicates, sent.Quarantined, sent.Problems));
            return;
        }

        var screen = call.Terminal.Screen(json: false);
        screen.WriteLine($"{sent.Facts} facts: {sent.Accepted} accepted, {sent.Duplicates} known already, {sent.Quarantined} quarantined");
        foreach (var problem in sent.Problems.Take(ShownProblems))
        {
            screen.WriteLine($"  fact {problem.Index + 1}{(problem.EventId is null ? "" : $" ({problem.EventId})")}: {problem.Path} {problem.Problem} ({problem.Code})");
        }

        if (sent.Quarantined > ShownProblems)
        {
            screen.WriteLine($"  and {sent.Quarantined - ShownProblems} more; see them all with --json");
        }
    }

    /// <summary>The facts of a file as JSON lines, some at a time; a file of one JSON value as it is.</summary>
    private static async IAsyncEnumerable<(ReadOnlyMemory<byte> Body, bool IsLines)> ReadAsync(string file, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
        {
            throw new CommandLineException(ExitCode.Usage, $"There is no file '{file}'.");
        }

        if (Path.GetExtension(file).Equals(".json", StringComparison.OrdinalIgnoreCase))
        {
            yield return (await File.ReadAllBytesAsync(file, cancellationToken), false);
            yield break;
        }

        await using var stream = File.OpenRead(file);
        var lines = new NdjsonLines(stream, MaxLineBytes);
        using var batch = new MemoryStream();
        var facts = 0;
        while (await lines.ReadAsync(cancellationToken))
        {
            if (lines.IsTooLong)
            {
                throw new CommandLineException(ExitCode.Usage, $"{file}:{lines.Line}: The line is longer than {MaxLineBytes / (1024 * 1024)} MiB; the facts before it are sent. Write one fact per line.");
            }

            if (lines.Current.Span.Trim((byte)' ').IsEmpty)
            {
                continue;
            }

            if (facts > 0 && (facts == BatchFacts || batch.Length + lines.Current.Length > BatchBytes))
            {
                yield return (batch.ToArray(), true);
                batch.SetLength(0);
                facts = 0;
            }

            batch.Write(lines.Current.Span);
            batch.WriteByte((byte)'\n');
            facts++;
        }

        if (facts > 0)
        {
            yield return (batch.ToArray(), true);
        }
    }

    private sealed class Tally
    {
        public int Facts { get; private set; }
        public int Accepted { get; private set; }
        public int Duplicates { get; private set; }
        public int Quarantined { get; private set; }

        /// <summary>The quarantined ones, by their place in the file.</summary>
        public List<FactJson> Problems { get; } = [];

        public void Add(FactsJson answer)
        {
            Problems.AddRange(answer.Results.Where(result => result.Status == FactJson.Quarantined).Select(result => result with { Index = Facts + result.Index }));
            Facts += answer.Results.Count;
            Accepted += answer.Accepted;
            Duplicates += answer.Duplicates;
            Quarantined += answer.Quarantined;
        }
    }
}
