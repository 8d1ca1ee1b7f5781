using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Audit;

namespace IntegrationHub.Hub.Audit;

/// <summary>The audit log over HTTP. It is kept for ever.</summary>
internal static class AuditRoutes
{
    private const int MostEntries = 1_000;

    public static void MapAudit(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/audit", async (string? principal, string? action, string? subject, long? before, int? limit, OutboxTransaction transactions, CancellationToken cancellationToken) =>
        {
            var filter = new AuditFilter(principal, action, subject, before, Math.Clamp(limit ?? 100, 1, MostEntries));
            return Results.Json((await transactions.ReadAsync(db => AuditLog.ListAsync(db, filter, cancellationToken))).Select(AuditJson.From).ToList());
        }).WithName("listAudit").Produces<IReadOnlyList<AuditJson>>().Needs(Scope.AuditRead);
        routes.MapGet("/v1/audit/verify", async (OutboxTransaction transactions, CancellationToken cancellationToken) =>
            Results.Json(AuditCheckJson.From(await transactions.ReadAsync(db => AuditLog.VerifyAsync(db, cancellationToken)))))
            .WithName("verifyAudit").Produces<AuditCheckJson>().Needs(Scope.AuditRead);
    }
}
