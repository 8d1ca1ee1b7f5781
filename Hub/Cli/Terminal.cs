using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary>What surrounds a verb: where it writes, whether a person watches, and how it reaches a hub.</summary>
internal sealed class Terminal
{
    private const int WidthOfPlainText = 140;

    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>True when <see cref="Out"/> is a screen that can redraw lines.</summary>
    public bool OutIsScreen { get; init; }

    /// <summary>True when <see cref="Error"/> is a screen that can redraw lines.</summary>
    public bool ErrorIsScreen { get; init; }

    /// <summary>What a person types who also sees what is written; null where nobody does, as in a script.</summary>
    public TextReader? In { get; init; }

    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>How a hub is reached; a handler of its own when null.</summary>
    public HttpMessageHandler? Transport { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public static Terminal OfProcess() => new()
    {
        Out = System.Console.Out,
        Error = System.Console.Error,
        OutIsScreen = !System.Console.IsOutputRedirected,
        ErrorIsScreen = !System.Console.IsErrorRedirected,
        In = System.Console.IsInputRedirected || System.Console.IsOutputRedirected ? null : System.Console.In,
    };

    /// <summary>Asks the person at the terminal.</summary>
    /// <param name="question">What.</param>
    /// <returns>What was typed; null where it was nothing, or nobody sits there.</returns>
    public string? Ask(string question)
    {
        if (In is null)
        {
            return null;
        }

        Out.Write($"{question} ");
        return In.ReadLine()?.Trim() is { Length: > 0 } answer ? answer : null;
    }

    /// <summary>Has the person at the terminal agree to what was just shown.</summary>
    /// <param name="question">What is agreed to, as <c>Approve it?</c>.</param>
    /// <exception cref="CommandLineException">The person does not.</exception>
    public void Confirm(string question)
    {
        if (Ask($"{question} [y/N]") is not ("y" or "Y" or "yes"))
        {
            throw new CommandLineException(ExitCode.Usage, "Nothing was done.");
        }
    }

    /// <summary>Where people read: standard output, or standard error when the output is one JSON value.</summary>
    public IAnsiConsole Screen(bool json)
    {
        var isScreen = json ? ErrorIsScreen : OutIsScreen;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(json ? Error : Out),
            Ansi = isScreen ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = isScreen ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!isScreen)
        {
            console.Profile.Width = WidthOfPlainText;
        }

        return console;
    }
}
