namespace IntegrationHub.Hub.Cli;

/// <summary>Ends a verb with an exit code and a sentence that says what is wrong and what to do. Never holds personal data.</summary>
/// <param name="exitCode">One of <see cref="Cli.ExitCode"/>.</param>
/// <param name="message">What is wrong and what to do.</param>
internal sealed class CommandLineException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
