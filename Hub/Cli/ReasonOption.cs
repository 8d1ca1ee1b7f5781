using System.CommandLine;

namespace IntegrationHub.Hub.Cli;

/// <summary>Why somebody does something: <c>--reason</c>.</summary>
internal sealed class ReasonOption() : Option<string?>("--reason")
{
    public static ReasonOption Create() => new() { Description = "Why; stays in the audit log.", HelpName = "TEXT" };
}
