using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Reads;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Audit;

namespace IntegrationHub.Hub.Audit;

/// <summary>The audit log over HTTP. It is kept for ever.</summary>
internal static class AuditRoutes
{
    private const int MostEntries = 1_000;

    public static void MapAudit(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/audit", async (string? principal, string? action, string? subject, string? after, int? limit, OutboxTransaction transactions, CancellationToken cancellationToken) =>
            Results.Json(PageJson.Of(
                await transactions.ReadAsync(db => AuditLog.ListAsync(db, new AuditFilter(principal, action, subject), ListRoutes.Ask(after, limit, 100, MostEntries), cancellationToken)), AuditJson.From)))
            .WithName("listAudit").ProducesPage<AuditJson>().Needs(Scope.AuditRead);
        routes.MapGet("/v1/audit/verify", async (OutboxTransaction transactions, CancellationToken cancellationToken) =>
            Results.Json(AuditCheckJson.From(await AuditAnchor.CheckAsync(transactions, cancellationToken))))
            .WithName("verifyAudit").Produces<AuditCheckJson>().WithMetadata(new TakesItsTime()).Needs(Scope.AuditRead);
    }
}
