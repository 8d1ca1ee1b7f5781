using System.CommandLine;
using System.Text.Json;
using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary>A word of the command line, with examples for its help.</summary>
internal sealed class Verb : Command
{
    public static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly Option<bool> _json = new("--json") { Description = "Put exactly one JSON value on standard output; everything else goes to standard error." };

    /// <param name="name">The word.</param>
    /// <param name="description">What it does, one line.</param>
    /// <param name="examples">Whole calls without the program's name.</param>
    public Verb(string name, string description, params string[] examples)
        : base(name, description) => Examples = examples;

    public IReadOnlyList<string> Examples { get; }

    /// <summary>Gives the verb something to do.</summary>
    public Verb Does(Func<VerbCall, CancellationToken, Task<int>> action, Terminal terminal, bool offersJson = true)
    {
        if (offersJson)
        {
            Options.Add(_json);
        }

        SetAction((parsed, cancellationToken) => action(new VerbCall(parsed, terminal, offersJson && parsed.GetValue(_json)), cancellationToken));
        return this;
    }

    /// <summary>Gives the verb a question to a hub, whose answer is the one JSON value, or told to people.</summary>
    public Verb Asks(HubOption hub, Func<VerbCall, HubClient, CancellationToken, Task<JsonElement>> question, Action<VerbCall, JsonElement> tell, Terminal terminal) => Does(
        async (call, cancellationToken) =>
        {
            using var client = hub.Connect(call);
            var answer = await question(call, client, cancellationToken);
            if (call.Json)
            {
                call.Write(answer);
            }
            else
            {
                tell(call, answer);
            }

            return ExitCode.Done;
        },
        terminal);

    /// <summary>Gives the verb a list of a hub, as much of it as is asked for, which is the one JSON value or told to people.</summary>
    /// <param name="hub">Which hub.</param>
    /// <param name="page">How much; null for a list that comes whole.</param>
    /// <param name="path">Where the list is.</param>
    /// <param name="query">Which of its items.</param>
    /// <param name="tell">Tells people of it; that there is more is said afterwards.</param>
    /// <param name="terminal">The terminal.</param>
    public Verb Lists(HubOption hub, PageOptions? page, Func<VerbCall, string> path, Func<VerbCall, IEnumerable<(string, string?)>> query, Action<VerbCall, HubList> tell, Terminal terminal)
    {
        if (page is not null)
        {
            Options.Add(page.After);
            Options.Add(page.Limit);
        }

        return Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var list = await client.ListAsync(path(call), query(call), page is null ? null : (call.Get(page.After), call.Get(page.Limit)), cancellationToken);
                if (call.Json)
                {
                    call.Write(list.Answer());
                    return ExitCode.Done;
                }

                tell(call, list);
                if (list.Rest() is { } rest)
                {
                    call.Terminal.Out.WriteLine(rest);
                }

                return ExitCode.Done;
            },
            terminal);
    }
}

/// <summary>One call of a verb.</summary>
internal sealed class VerbCall(ParseResult parsed, Terminal terminal, bool json)
{
    public Terminal Terminal { get; } = terminal;

    /// <summary>True when standard output carries one JSON value.</summary>
    public bool Json { get; } = json;

    /// <summary>The whole command line.</summary>
    public Command Root => parsed.RootCommandResult.Command;

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    /// <summary>An argument that may be left out; null when it is.</summary>
    public T? Find<T>(Argument<T> argument) => parsed.GetValue(argument);

    public T Get<T>(Argument<T> argument) => parsed.GetRequiredValue(argument);

    /// <summary>Settings for the host: what the verb itself does not know, in the form <c>--Section:Name=value</c>.</summary>
    /// <exception cref="CommandLineException">A token has another form.</exception>
    public string[] Settings()
    {
        foreach (var token in parsed.UnmatchedTokens)
        {
            if (!token.StartsWith("--", StringComparison.Ordinal) || !token.Contains(':', StringComparison.Ordinal) || !token.Contains('=', StringComparison.Ordinal))
            {
                throw new CommandLineException(ExitCode.Usage, $"'{token}' is not known here. Settings have the form --Hub:Bus=RabbitMq; for the options add --help.");
            }
        }

        return [.. parsed.UnmatchedTokens];
    }

    /// <summary>Writes a table for people. What stands in the first column is never broken: it is there to be copied.</summary>
    /// <param name="columns">Their headers.</param>
    /// <param name="rows">Their cells, as plain text.</param>
    /// <param name="wraps">Whether the other columns may be broken.</param>
    public void WriteTable(IReadOnlyList<string> columns, IEnumerable<string[]> rows, bool wraps = true)
    {
        var table = new Table { Border = TableBorder.Rounded };
        for (var i = 0; i < columns.Count; i++)
        {
            table.AddColumn(new TableColumn(columns[i]) { NoWrap = i == 0 || !wraps });
        }

        foreach (var cells in rows)
        {
            table.AddRow([.. cells.Select(Markup.Escape)]);
        }

        Terminal.Screen(json: false).Write(table);
    }

    /// <summary>Writes the one JSON value.</summary>
    public void Write<T>(T value) => Terminal.Out.WriteLine(JsonSerializer.Serialize(value, Verb.Indented));
}
