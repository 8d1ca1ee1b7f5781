using System.CommandLine;

namespace IntegrationHub.Hub.Cli;

/// <summary>Why somebody does something: <c>--reason</c>. Where it has to be said, a person at a terminal is asked; what was not said then, the hub refuses.</summary>
internal sealed class ReasonOption() : Option<string?>("--reason")
{
    public static ReasonOption Create() => new() { Description = "Why; stays in the audit log.", HelpName = "TEXT" };

    /// <summary>What was said, there or now; null for nothing.</summary>
    /// <param name="call">The call.</param>
    public string? Read(VerbCall call) => call.Get(this) ?? (call.Json ? null : call.Terminal.Ask("Why? It stays in the audit log:"));
}
