using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Approvals;

namespace IntegrationHub.Hub.Runs;

/// <summary>What a caller may do to a run as it stands, and why not the rest: by the run's state, the caller's scopes, and whose word counts.</summary>
internal static class RunActions
{
    /// <summary>Every verb, allowed or not.</summary>
    /// <param name="run">The run.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="approval">The last approval that was asked for about it; null for none.</param>
    public static IReadOnlyList<RunActionJson> Of(RunJson run, Principal caller, Approval? approval)
    {
        string? Over() => run.FinishedAt is null ? null : $"It is over ({run.State}).";
        List<(string Verb, string Scope, string? WhyNot)> all =
        [
            ("approve", Scope.RunsApprove, Over() ?? (run.State != RunState.AwaitingApproval ? "It waits for nobody's word." : approval is { State: ApprovalState.Waiting } ? ApprovalRight.Refuse(approval, caller)?.Detail : null)),
            ("pause", Scope.RunsWrite, Over() ?? (run.State is RunState.Paused or RunState.Canceling ? $"It is {run.State}." : null)),
            ("resume", Scope.RunsWrite, Over() ?? (run.State == RunState.Paused ? null : "Nobody holds it.")),
            ("cancel", Scope.RunsWrite, Over() ?? (run.State == RunState.Canceling ? "Somebody asked for that already." : null)),
        ];
        if (run.Kind == $"backfill_{BackfillKind.Attributes}")
        {
            all.Add(("rollback", Scope.RunsWrite, run.FinishedAt is null ? "It is not over; cancel it first." : null));
        }

        return all.ConvertAll(verb =>
        {
            var whyNot = caller.Scopes.Contains(verb.Scope) ? verb.WhyNot : $"It needs the scope {verb.Scope}.";
            return new RunActionJson(verb.Verb, whyNot is null, whyNot);
        });
    }
}
