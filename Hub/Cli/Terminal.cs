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
    };

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
