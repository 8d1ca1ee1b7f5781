using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.DeadLetters;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>What people do with dead letters, over HTTP.</summary>
internal static class LetterActionRoutes
{
    private const string WhenNoDryRun = "when it is no `dry_run`";
    private const int MostActions = 1_000;

    public static void MapLetterActions(this IEndpointRouteBuilder routes)
    {
        Commands(routes.MapPost("/v1/dead-letters/replay", (LetterActionBody command, HttpContext http, LetterDesk desk, CancellationToken cancellationToken) =>
            ConfirmAsync(LetterActionKind.Replay, command, http, desk, cancellationToken)), "replayDeadLetters").Takes(Counted(WhenNoDryRun));
        Commands(routes.MapPost("/v1/dead-letters/discard", (LetterActionBody command, HttpContext http, LetterDesk desk, CancellationToken cancellationToken) =>
            ConfirmAsync(LetterActionKind.Discard, command, http, desk, cancellationToken)), "discardDeadLetters").Takes(Counted(WhenNoDryRun));
        Commands(routes.MapPost("/v1/dead-letters/restore", (LetterActionBody command, HttpContext http, LetterDesk desk, CancellationToken cancellationToken) =>
            ConfirmAsync(LetterActionKind.Restore, command, http, desk, cancellationToken)), "restoreDeadLetters").Takes(Counted(WhenNoDryRun));
        Commands(routes.MapPost("/v1/dead-letters/settle", async (LetterActionBody command, HttpContext http, LetterDesk desk, CancellationToken cancellationToken) => command.As switch
        {
            null when command.ByVendor => await ConfirmAsync(LetterActionKind.SettleByVendor, command, http, desk, cancellationToken),
            "delivered" => await ConfirmAsync(LetterActionKind.SettleDelivered, command, http, desk, cancellationToken),
            "not-delivered" => await ConfirmAsync(LetterActionKind.SettleNotDelivered, command, http, desk, cancellationToken),
            _ => Problems.Of(400, "field-missing", "as", "Say in 'as' what the vendor shows of these events, delivered or not-delivered, or let the hub ask the vendor with \"by_vendor\": true."),
        }), "settleDeadLetters").Takes(Counted("with `as`"));
        Commands(routes.MapPost("/v1/dead-letters/{deadLetterId:long}/fix", async (long deadLetterId, LetterActionBody command, HttpContext http, LetterFix fix, OutboxTransaction transactions, CancellationToken cancellationToken) =>
            command.Set is not { Count: > 0 } set
                ? Problems.Of(400, "field-missing", "set", "Give 'set', new values by path such as {\"attributes.city\": \"Bonn\"}.")
                : await AnswerAsync(await fix.FixAsync(deadLetterId, set, http.Caller().Id, Trimmed(command.Reason), KeyOf(http), http.Via(), cancellationToken), transactions, cancellationToken)), "fixDeadLetter").Takes(CommandTerms.Blind("every version of a letter is kept, and nothing is sent"));
        routes.MapGet("/v1/dead-letters/actions", async (string? destination, string? after, int? limit, OutboxTransaction transactions, CancellationToken cancellationToken) =>
        {
            var actions = await transactions.ReadAsync(db => LetterActions.ListAsync(db, destination, ListRoutes.Ask(after, limit, 100, MostActions), cancellationToken));
            var results = await transactions.ReadAsync(db => LetterActions.ResultsAsync(db, [.. actions.Items.Select(action => action.ActionId)], cancellationToken));
            return Results.Json(PageJson.Of(actions, action => LetterActionJson.From(action, results[action.ActionId])));
        }).WithName("listDeadLetterActions").ProducesPage<LetterActionJson>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/dead-letters/actions/{actionId:long}", async (long actionId, OutboxTransaction transactions, CancellationToken cancellationToken) =>
            await AnswerAsync(await transactions.ReadAsync(db => LetterActions.FindAsync(db, actionId, cancellationToken)) is { } action ? (action, null) : (null, LetterDesk.Unknown(actionId)), transactions, cancellationToken))
            .WithName("showDeadLetterAction").Produces<LetterActionJson>().ProducesProblem(404).Needs(Scope.RunsRead);
        Commands(routes.MapPost("/v1/dead-letters/actions/{actionId:long}/stop", async (long actionId, WhyJson? said, HttpContext http, LetterDesk desk, OutboxTransaction transactions, CancellationToken cancellationToken) =>
            said?.Refuse() ?? await AnswerAsync(await desk.StopAsync(actionId, http.Caller().Id, http.Via(), Trimmed(said?.Reason), cancellationToken), transactions, cancellationToken)), "stopDeadLetterAction")
            .Takes(CommandTerms.Blind("what was not sent stays a letter"));
    }

    private static RouteHandlerBuilder Commands(RouteHandlerBuilder route, string name) =>
        route.WithName(name).Produces<LetterActionJson>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).Needs(Scope.RunsWrite);

    private static CommandTerms Counted(string whyNeeded) => new() { WhyNeeded = whyNeeded, Seen = "expected", SeenNeeded = WhenNoDryRun };

    private static async Task<IResult> ConfirmAsync(string kind, LetterActionBody command, HttpContext http, LetterDesk desk, CancellationToken cancellationToken)
    {
        if (command.Destination is not { Length: > 0 } destination)
        {
            return Problems.Of(400, "field-missing", "destination", "Say in 'destination' whose letters are meant: an action has letters of one destination.");
        }

        var filter = new LetterFilter(destination, command.Operation, command.Code, command.RunId, command.Ids is null ? null : [.. command.Ids.Distinct()]);
        var request = new LetterRequest(kind, filter, command.Expected, http.Caller().Id, Trimmed(command.Reason), KeyOf(http), command.AllowRepeat) { Via = http.Via() };
        if (command.DryRun)
        {
            http.Features.Set(OnlyLooked.Instance);
            var (count, ambiguous) = await desk.CountAsync(request, cancellationToken);
            return Results.Json(new LetterPreviewJson(count, ambiguous));
        }

        var (action, refusal) = await desk.ConfirmAsync(request, cancellationToken);
        return refusal is null ? Results.Json(LetterActionJson.From(action!, []), statusCode: 202) : Refused(refusal);
    }

    private static async Task<IResult> AnswerAsync((LetterAction? Action, LetterRefusal? Refusal) answer, OutboxTransaction transactions, CancellationToken cancellationToken) => answer switch
    {
        ({ } action, _) => Results.Json(LetterActionJson.From(action, (await transactions.ReadAsync(db => LetterActions.ResultsAsync(db, [action.ActionId], cancellationToken)))[action.ActionId])),
        (_, { } refusal) => Refused(refusal),
        _ => throw new InvalidOperationException("An answer is an action or a refusal."),
    };

    private static IResult Refused(LetterRefusal refusal) =>
        Problems.Of(refusal.Status, refusal.Type, refusal.Field, refusal.Detail, refusal.Count is { } count ? new Dictionary<string, object?> { ["count"] = count } : null);

    private static string? Trimmed(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    /// <summary>Each caller has keys of his own.</summary>
    private static string? KeyOf(HttpContext http) => http.Request.Headers[CommandGate.Header].ToString() is { Length: > 0 } key ? $"{http.Caller().Id} {key}" : null;
}
