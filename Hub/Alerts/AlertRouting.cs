using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.Storage.Audit;

namespace IntegrationHub.Hub.Alerts;

/// <summary>Alerts over HTTP.</summary>
internal static class AlertRouting
{
    private const int MostAlerts = 200;
    private const int MostMinutes = 7 * 24 * 60;
    private const int LongestReason = 500;

    public static void MapAlerts(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/alerts", async (bool? all, string? after, int? limit, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken) =>
            Results.Json(PageJson.Of(
                await transactions.ReadAsync(db => AlertBook.ListAsync(db, all ?? false, ListRoutes.Ask(after, limit, MostAlerts, MostAlerts), time.GetUtcNow(), cancellationToken)), alert => AlertJson.From(alert))))
            .WithName("listAlerts").ProducesPage<AlertJson>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/alerts/{id:long}", async (long id, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken) =>
            await FindAsync(id, transactions, time, cancellationToken) is { } alert
                ? Results.Json(AlertJson.From(alert, await transactions.ReadAsync(db => AlertSends.ListAsync(db, id, cancellationToken))))
                : Unknown(id))
            .WithName("showAlert").Produces<AlertJson>().ProducesProblem(404).Needs(Scope.RunsRead);
        routes.MapPost("/v1/alerts/{id:long}/silence", SilenceAsync).WithName("silenceAlert").Produces<AlertJson>().ProducesProblem(400).ProducesProblem(404).Needs(Scope.RunsWrite)
            .Takes(CommandTerms.Blind("it is about the alert's cause, and has an end", CommandTerms.Always));
        routes.MapPost("/v1/alerts/{id:long}/unsilence", UnsilenceAsync).WithName("unsilenceAlert").Produces<AlertJson>().ProducesProblem(404).Needs(Scope.RunsWrite)
            .Takes(CommandTerms.Blind("whoever was to be told is told again"));
        routes.MapPost("/v1/alerts/test", TestAsync).WithName("testAlerts").Produces<TestedRoutesJson>(202).ProducesProblem(404).Needs(Scope.RunsWrite)
            .Takes(CommandTerms.Blind("what is sent says that it is a test"));
    }

    private static async Task<IResult> SilenceAsync(long id, SilenceBody body, HttpContext http, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken)
    {
        if (body.Minutes is not (>= 1 and <= MostMinutes))
        {
            return Problems.Of(400, "field-invalid", "minutes", $"The field 'minutes' is not a number from 1 to {MostMinutes}: a silence has an end.");
        }

        if (string.IsNullOrWhiteSpace(body.Reason) || body.Reason.Length > LongestReason)
        {
            return Problems.Of(400, "field-missing", "reason", $"The field 'reason' is missing or longer than {LongestReason} characters. Say in a sentence why nobody has to know.");
        }

        if (await FindAsync(id, transactions, time, cancellationToken) is not { } alert)
        {
            return Unknown(id);
        }

        var silence = new AlertSilence(time.GetUtcNow().AddMinutes(body.Minutes.Value), body.Reason, http.Caller().Id);
        await transactions.RunAsync(
            async (db, _) =>
            {
                await AlertBook.SilenceAsync(db, alert.What.Cause, silence, time.GetUtcNow(), cancellationToken);
                await AuditLog.AppendAsync(db, http.Entry("alert.silence", $"alert:{id}", body.Reason), cancellationToken);
            },
            cancellationToken);
        return Results.Json(AlertJson.From(alert with { Silence = silence }));
    }

    private static async Task<IResult> UnsilenceAsync(long id, WhyJson? said, HttpContext http, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken)
    {
        if (said?.Refuse() is { } refusal)
        {
            return refusal;
        }

        if (await FindAsync(id, transactions, time, cancellationToken) is not { } alert)
        {
            return Unknown(id);
        }

        await transactions.RunAsync(
            async (db, _) =>
            {
                if (await AlertBook.UnsilenceAsync(db, alert.What.Cause, cancellationToken))
                {
                    await AuditLog.AppendAsync(db, http.Entry("alert.unsilence", $"alert:{id}", said?.Reason), cancellationToken);
                }
            },
            cancellationToken);
        return Results.Json(AlertJson.From(alert with { Silence = null }));
    }

    private static async Task<IResult> TestAsync(string? route, WhyJson? said, HttpContext http, HubConfiguration configuration, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken)
    {
        if (said?.Refuse() is { } refusal)
        {
            return refusal;
        }

        var tested = configuration.AlertRoutes.Where(known => route is null || known.Name == route).Select(known => known.Name).ToList();
        if (tested.Count == 0)
        {
            return Problems.Of(
                404, "route-unknown", "route",
                configuration.AlertRoutes.Count == 0 ? "There is no route: write some into alerts.yaml." : $"There is no such route. Known: {string.Join(", ", configuration.AlertRoutes.Select(known => known.Name))}.");
        }

        await transactions.RunAsync(
            async (db, _) =>
            {
                foreach (var name in tested)
                {
                    await AlertSends.AddAsync(db, 0, name, "test", JsonSerializer.Serialize(AlertNotice.Test(name, time.GetUtcNow())), cancellationToken);
                }

                await AuditLog.AppendAsync(db, http.Entry("alert.test", $"routes:{string.Join(',', tested)}", said?.Reason), cancellationToken);
            },
            cancellationToken);
        return Results.Json(new TestedRoutesJson(tested), statusCode: 202);
    }

    private static Task<StoredAlert?> FindAsync(long id, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken) =>
        transactions.ReadAsync(db => AlertBook.FindAsync(db, id, time.GetUtcNow(), cancellationToken));

    private static IResult Unknown(long id) => Problems.Of(404, "alert-unknown", "id", $"There is no alert {id}. GET /v1/alerts lists those that are open.");
}
