using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>The commands that are about a run, by its kind. Pure.</summary>
internal static class Commands
{
    /// <summary>The one that shows it, or lets a run that a guardrail holds go on.</summary>
    public static string Look(OpenRun run) => run.Kind switch
    {
        OpenRunKind.Erasure => $"erase show {run.Subject}",
        OpenRunKind.LetterAction => $"deadletters actions {run.Subject}",
        OpenRunKind.Backfill or OpenRunKind.Rollback => $"backfill show {run.Subject}",
        _ when run.State == RunState.AwaitingApproval => $"sync approve {run.Subject}",
        _ => $"sync show {run.Subject}",
    };

    /// <summary>The one that lets it go on when somebody holds it; or that ends it, where what it waits for says so: what holds it would hold it again.</summary>
    public static string AfterPause(OpenRun run, string sentence)
    {
        var verb = run.Kind is OpenRunKind.Backfill or OpenRunKind.Rollback ? "backfill" : "sync";
        return sentence.Contains($"'{verb} cancel {run.Subject}'", StringComparison.Ordinal) ? $"{verb} cancel {run.Subject}" : $"{verb} resume {run.Subject}";
    }
}
