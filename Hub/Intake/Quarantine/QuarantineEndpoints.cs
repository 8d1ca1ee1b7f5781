using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Quarantine;

/// <summary>Body of <c>POST /v1/quarantine/{id}/replay</c>, <c>/fix</c> and <c>/discard</c>.</summary>
internal sealed record SettleQuarantineBody : IReasoned
{
    /// <summary>A note of who asks, which nobody proves: it stands behind the principal that calls.</summary>
    [JsonPropertyName("by")]
    public string? By { get; init; }

    /// <summary>With <c>discard</c>: why.</summary>
    [JsonPropertyName("reason")]
    public string? Reason { get; init; }

    /// <summary>With <c>fix</c>: new values by path, for example <c>payload.status</c>; or <see cref="Fact"/>.</summary>
    [JsonPropertyName("set")]
    public IReadOnlyDictionary<string, JsonElement>? Set { get; init; }

    /// <summary>With <c>fix</c>: the whole fact as it was meant.</summary>
    [JsonPropertyName("fact")]
    public JsonElement? Fact { get; init; }
}

/// <summary>Facts that were set aside, over HTTP: to be found, replayed, fixed and discarded.</summary>
internal static class QuarantineEndpoints
{
    private const int MostFacts = 1_000;
    private const int LongestText = 500;
    private const string SettledOnce = "a fact is settled once";
    private static readonly string[] _states = [QuarantineFilter.Waiting, QuarantineSettlement.Replayed, QuarantineSettlement.Fixed, QuarantineSettlement.Discarded];

    public static void MapQuarantine(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/quarantine", ListAsync).WithName("listQuarantine").ProducesPage<QuarantinedFactJson>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/quarantine/{quarantineId:guid}", async (Guid quarantineId, OutboxTransaction transactions, IQuarantine quarantine, CancellationToken cancellationToken) =>
            await transactions.ReadAsync(db => quarantine.FindAsync(db, quarantineId, cancellationToken)) is { } fact
                ? Results.Json(QuarantinedFactJson.From(fact))
                : Problems.Of(404, "quarantine-unknown", "quarantine_id", $"No fact {quarantineId} is set aside. GET /v1/quarantine lists them."))
            .WithName("showQuarantine").Produces<QuarantinedFactJson>().ProducesProblem(404).Needs(Scope.RunsRead);
        Settles(routes.MapPost("/v1/quarantine/{quarantineId:guid}/replay", async (Guid quarantineId, SettleQuarantineBody? body, HttpContext http, QuarantineRelease release, CancellationToken cancellationToken) =>
            Answer(await release.ReplayAsync(quarantineId, By(http, body), cancellationToken))), "replayQuarantine").Takes(CommandTerms.Blind(SettledOnce));
        Settles(routes.MapPost("/v1/quarantine/{quarantineId:guid}/fix", FixAsync), "fixQuarantine").Takes(CommandTerms.Blind(SettledOnce));
        Settles(routes.MapPost("/v1/quarantine/{quarantineId:guid}/discard", async (Guid quarantineId, SettleQuarantineBody? body, HttpContext http, QuarantineRelease release, CancellationToken cancellationToken) =>
            body?.Reason is { Length: <= LongestText } reason && !string.IsNullOrWhiteSpace(reason)
                ? Answer(await release.DiscardAsync(quarantineId, reason.Trim(), By(http, body), cancellationToken))
                : Problems.Of(400, "field-missing", "reason", $"Say in 'reason', in at most {LongestText} characters, why the fact is not wanted.")), "discardQuarantine").Takes(CommandTerms.Blind(SettledOnce, CommandTerms.Always));
    }

    private static RouteHandlerBuilder Settles(RouteHandlerBuilder route, string name) =>
        route.WithName(name).Produces<QuarantinedFactJson>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).Needs(Scope.RunsWrite);

    private static async Task<IResult> ListAsync(
        string? code, string? producer, string? event_type, string? state, string? after, int? limit, OutboxTransaction transactions, IQuarantine quarantine, HubConfiguration configuration, CancellationToken cancellationToken)
    {
        if (state is not null && !_states.Contains(state))
        {
            return Problems.Of(400, "state-unknown", "state", $"'{state}' is no state of a fact that was set aside. Use one of: {string.Join(", ", _states)}.");
        }

        var filter = new QuarantineFilter(code, producer is null ? null : configuration.FormerNames.OfSource(producer), event_type, state);
        return Results.Json(PageJson.Of(
            await transactions.ReadAsync(db => quarantine.ListAsync(db, filter, ListRoutes.Ask(after, limit, 100, MostFacts), cancellationToken)), QuarantinedFactJson.From));
    }

    private static async Task<IResult> FixAsync(Guid quarantineId, SettleQuarantineBody? body, HttpContext http, QuarantineRelease release, CancellationToken cancellationToken) => body switch
    {
        { Set.Count: > 0, Fact: null } => Answer(await release.FixAsync(quarantineId, message => FactCorrection.Apply(message, body.Set), By(http, body), cancellationToken)),
        { Set: null or { Count: 0 }, Fact: { ValueKind: JsonValueKind.Object } fact } =>
            Answer(await release.FixAsync(quarantineId, _ => Encoding.UTF8.GetBytes(fact.GetRawText()), By(http, body), cancellationToken)),
        _ => Problems.Of(400, "field-missing", "set", "Give either 'set', new values by path such as {\"payload.status\": \"denied\"}, or 'fact', the whole fact as it was meant."),
    };

    private static IResult Answer((QuarantinedFact? Fact, QuarantineRefusal? Refusal) answer) => answer switch
    {
        ({ } fact, _) => Results.Json(QuarantinedFactJson.From(fact)),
        (_, { } refusal) => Problems.Of(refusal.Status, refusal.Type, refusal.Field, refusal.Detail),
        _ => throw new InvalidOperationException("A release answers with the fact or with why it refused."),
    };

    /// <summary>The principal, and behind it the note, which nobody proves.</summary>
    private static string By(HttpContext http, SettleQuarantineBody? body) =>
        body?.By is { Length: > 0 and <= 128 } note && !note.Any(char.IsControl) ? $"{http.Caller().Id} ({note})" : http.Caller().Id;
}
