using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace IntegrationHub.Hub.Cli;

/// <summary>The help of a verb, and below it calls that work.</summary>
internal sealed class HelpWithExamples(HelpAction help, string program) : SynchronousCommandLineAction
{
    private static readonly string[] _first = ["demo", "serve", "sync start customers --snapshot customers.csv --wait"];

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        help.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in parseResult.CommandResult.Command is Verb verb ? verb.Examples : _first)
        {
            output.WriteLine($"  {program} {example}");
        }

        return ExitCode.Done;
    }
}
