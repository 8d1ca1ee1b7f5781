using System.CommandLine;
using System.CommandLine.Help;
using System.Text.Json;

namespace IntegrationHub.Hub.Cli;

/// <summary>The hub's command line. Reads the arguments, runs the verb, answers with an exit code.</summary>
internal static class CommandLine
{
    private const string Program = "dotnet run --project Hub --";
    private static readonly TimeSpan _timeToStop = TimeSpan.FromSeconds(30);

    /// <summary>Runs the verb that the arguments name; <c>serve</c> when they name none.</summary>
    /// <param name="args">The arguments of the process.</param>
    /// <param name="host">The verbs that need the host.</param>
    /// <param name="terminal">The process's own when null.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args, HostVerbs host, Terminal? terminal = null)
    {
        terminal ??= Terminal.OfProcess();
        var parsed = Build(host, terminal).Parse(WithVerb(args));
        var json = args.Contains("--json");
        if (parsed.Errors.Count > 0)
        {
            var sentences = string.Join(Environment.NewLine, parsed.Errors.Select(error => error.Message));
            return Fail(terminal, json, ExitCode.Usage, $"{sentences}{Environment.NewLine}See: {Program} {Words(parsed.CommandResult.Command)}--help");
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = _timeToStop,
            });
        }
        catch (CommandLineException failure)
        {
            return Fail(terminal, json, failure.ExitCode, failure.Message);
        }
        catch (OperationCanceledException)
        {
            return Fail(terminal, json, ExitCode.Failed, "Interrupted. Runs that were started go on in the hub; see them with: sync list");
        }
    }

    /// <summary>All verbs with their options.</summary>
    internal static RootCommand Build(HostVerbs host, Terminal terminal)
    {
        var root = new RootCommand("IntegrationHub: audiences from your facts to Marketo, HubSpot and Braze, every record accounted for.");
        root.Add(HostVerbTree.Serve(host, terminal));
        root.Add(HostVerbTree.Migrate(host, terminal));
        root.Add(HealthVerb.Build(terminal));
        root.Add(HostVerbTree.Demo(host, terminal));
        root.Add(HostVerbTree.Sandbox(terminal));
        root.Add(HostVerbTree.Validate(host, terminal));
        root.Add(MapVerb.Build(host, terminal));
        root.Add(ConfigVerbTree.Plan(terminal));
        root.Add(ConfigVerbTree.Apply(terminal));
        root.Add(ConfigVerbTree.Build(terminal));
        root.Add(StatusVerb.Build(terminal));
        root.Add(SyncVerbTree.Build(terminal));
        root.Add(BackfillVerbTree.Build(terminal));
        root.Add(SnapshotVerbTree.Build(terminal));
        root.Add(EventVerbTree.Build(terminal));
        root.Add(SourceVerbTree.Build(terminal));
        root.Add(CompareVerb.Build(terminal));
        root.Add(ConsentVerbTree.Build(terminal));
        root.Add(PolicyVerbTree.Build(terminal));
        root.Add(ExplainVerb.Build(terminal));
        root.Add(ErasureVerbTree.Build(terminal));
        root.Add(ErasureVerbTree.Export(terminal));
        root.Add(IdentityVerbTree.Build(terminal));
        root.Add(DeadLetterVerbTree.Build(terminal));
        root.Add(QuarantineVerbTree.Build(terminal));
        root.Add(CatalogVerbTree.Build(terminal));
        root.Add(CatalogVerbTree.BuildViolations(terminal));
        root.Add(ReconcileVerbTree.Build(terminal));
        root.Add(ScheduleVerbTree.Build(terminal));
        root.Add(CanaryVerbTree.Build(terminal));
        root.Add(AlertVerbTree.Build(terminal));
        root.Add(DestinationVerbTree.Build(terminal));
        root.Add(ApprovalVerbTree.Build(terminal));
        root.Add(KeyVerbTree.Build(terminal));
        root.Add(AuditVerbTree.Build(terminal));
        root.Add(CompletionVerb.Build(terminal));

        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!, Program);
        return root;
    }

    private static string[] WithVerb(string[] args) =>
        args.Length == 0 || (args[0].StartsWith("--", StringComparison.Ordinal) && args[0].Contains(':', StringComparison.Ordinal)) ? ["serve", .. args] : args;

    private static string Words(Command command) => command is RootCommand
        ? ""
        : string.Concat(command.Parents.OfType<Verb>().Select(parent => $"{parent.Name} ")) + $"{command.Name} ";

    private static int Fail(Terminal terminal, bool json, int exitCode, string problem)
    {
        terminal.Error.WriteLine(problem);
        if (json)
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(new { error = new { exit_code = exitCode, problem } }, Verb.Indented));
        }

        return exitCode;
    }
}
