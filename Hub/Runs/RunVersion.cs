using System.Security.Cryptography;
using System.Text;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Runs;

/// <summary>What somebody saw of a run when deciding about it: its state, and while it waits for approval its plan.</summary>
internal static class RunVersion
{
    /// <summary>SHA-256, in hex. While a run delivers its counts move all the time and are no part of it.</summary>
    public static string Of(RunView run)
    {
        var plan = run.State == RunState.AwaitingApproval ? $"{run.Counts.Planned}|{run.Counts.Unchanged}|{run.Counts.Suppressed}|{run.Counts.Rejected}|{run.Counts.Pending}" : "";
        return Hash(run.RunId, run.State, plan);
    }

    /// <inheritdoc cref="Of(RunView)" />
    public static string Of(BackfillView backfill) =>
        Hash(backfill.Run.CorrelationId, backfill.Run.CurrentState, backfill.Run.CurrentState == RunState.AwaitingApproval ? backfill.Run.PlanHash ?? "" : "");

    /// <summary>What the caller says to have seen, or null.</summary>
    public static string? Seen(HttpRequest request, RunCommandBody? body) =>
        body?.ExpectedVersion ?? (request.Headers.IfMatch.ToString() is { Length: > 0 } tag and not "*" ? tag.Trim('"') : null);

    private static string Hash(Guid runId, string state, string plan) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{runId}|{state}|{plan}"))));
}
