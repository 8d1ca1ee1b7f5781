using IntegrationHub.Hub.Backfills;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Runs;

/// <summary>What became of a run, and who did what to it, over HTTP.</summary>
internal static class RunEventRoutes
{
    private const int Most = 500;

    public static void MapRunEvents(this IEndpointRouteBuilder routes) => routes.MapGet("/v1/runs/{runId:guid}/events", ListAsync)
        .WithName("listRunEvents").Produces<IReadOnlyList<RunEventJson>>().Needs(Scope.RunsRead);

    /// <summary>The latest first. A run that is not known, or that retention took, has none.</summary>
    private static async Task<IResult> ListAsync(Guid runId, int? limit, OutboxTransaction transactions, CancellationToken cancellationToken)
    {
        var most = Math.Clamp(limit ?? 100, 1, Most);
        var turns = await transactions.ReadAsync(db => RunTurns.ListAsync(db, runId, most, cancellationToken));
        var said = new List<AuditRow>();
        foreach (var subject in new[] { SyncApproval.SubjectOf(runId), BackfillApproval.SubjectOf(runId) })
        {
            said.AddRange(await transactions.ReadAsync(db => AuditLog.ListAsync(db, new AuditFilter(null, null, subject, null, most), cancellationToken)));
        }

        return Results.Json(turns.Select(RunEventJson.Of).Concat(said.Select(RunEventJson.Of)).OrderByDescending(entry => entry.At).Take(most).ToList());
    }
}
