using System.Globalization;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Log;

/// <summary>
/// The log over HTTP, read by position: who goes on from <c>next</c> misses nothing and meets nothing twice. Facts are masked, but for whoever may see people in
/// full and asks for it.
/// </summary>
internal static class LogRoutes
{
    private const int FewFacts = 100;
    private const int MostFacts = 1_000;

    public static void MapLog(this IEndpointRouteBuilder routes) => routes.MapGet("/v1/events", ReadAsync).WithName("readEvents").Produces<LogJson>().ProducesProblem(400).Needs(Scope.PeopleRead);

    private static async Task<IResult> ReadAsync(long? after, string? event_type, int? limit, bool? reveal, string? reason, HttpContext http, OutboxTransaction transactions, CancellationToken cancellationToken)
    {
        if (reveal is true && Reveal.Refuse(http, reason) is { } refusal)
        {
            return refusal;
        }

        if (after < 0)
        {
            return Problems.Of(400, "position-malformed", "after", "Positions begin at 1: give the 'next' of the last answer, or 0 to begin at the oldest fact.");
        }

        if (limit is < 1 or > MostFacts)
        {
            return Problems.Of(400, "limit-out-of-range", "limit", $"Ask for 1 to {MostFacts} facts at a time, and go on from 'next'.");
        }

        var type = string.IsNullOrEmpty(event_type) ? null : event_type;
        var page = await transactions.ReadAsync(db => FactLog.ReadAsync(db, after ?? 0, new LogFilter(type), limit ?? FewFacts, cancellationToken));
        var shown = LogJson.From(page, reveal is true);
        if (reveal is true && shown.Items.Count > 0)
        {
            await Reveal.NoteAsync(http, transactions, "facts.reveal", string.Create(CultureInfo.InvariantCulture, $"facts:{shown.Items[0].Position}-{shown.Items[^1].Position}"), reason!, cancellationToken);
        }

        return Results.Json(shown);
    }
}
