using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Runs;

namespace IntegrationHub.Hub.Cli;

/// <summary>How the program ends.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>It ran to its end, and a person should look at what it left: rejected or dead-lettered records, a difference at the vendor, a canceled run.</summary>
    public const int Issues = 1;

    /// <summary>The call or the configuration is wrong; nothing was done.</summary>
    public const int Usage = 2;

    public const int Failed = 3;

    /// <summary>The worst of the runs.</summary>
    public static int Of(IEnumerable<RunJson> runs) => runs.Select(run => run.State switch
    {
        RunState.Failed => Failed,
        RunState.CompletedWithIssues or RunState.Canceled => Issues,
        _ => Done,
    }).DefaultIfEmpty(Done).Max();
}
