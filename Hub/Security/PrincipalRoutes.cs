using System.Text.RegularExpressions;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Storage.Access;
using IntegrationHub.Storage.Audit;

namespace IntegrationHub.Hub.Security;

/// <summary>Who is known, and who may do nothing any more, by whatever way he comes.</summary>
internal static partial class PrincipalRoutes
{
    private const string NothingToSee = "somebody is disabled or is not, and it is taken back by its opposite";
    private const int MostPrincipals = 1_000;

    public static void MapPrincipals(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/principals", async (bool? disabled, string? after, int? limit, OutboxTransaction transactions, CancellationToken cancellationToken) =>
            Results.Json(PageJson.Of(await transactions.ReadAsync(db => AccessBook.ListPrincipalsAsync(db, disabled is true, ListRoutes.Ask(after, limit, 100, MostPrincipals), cancellationToken)), PrincipalJson.From)))
            .WithName("listPrincipals").ProducesPage<PrincipalJson>().Needs(Scope.Admin);
        routes.MapPost("/v1/principals/disable", (WhomJson whom, HttpContext http, KeyRing keys, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken) =>
            SetAsync(whom, isDisabled: true, http, keys, transactions, time, cancellationToken)).WithName("disablePrincipal").Produces<PrincipalJson>().ProducesProblem(400).ProducesProblem(409).Needs(Scope.Admin)
            .Takes(CommandTerms.Blind(NothingToSee));
        routes.MapPost("/v1/principals/enable", (WhomJson whom, HttpContext http, KeyRing keys, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken) =>
            SetAsync(whom, isDisabled: false, http, keys, transactions, time, cancellationToken)).WithName("enablePrincipal").Produces<PrincipalJson>().ProducesProblem(400).Needs(Scope.Admin)
            .Takes(CommandTerms.Blind(NothingToSee));
    }

    private static async Task<IResult> SetAsync(WhomJson whom, bool isDisabled, HttpContext http, KeyRing keys, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken)
    {
        if (whom.Refuse() is { } refusal)
        {
            return refusal;
        }

        if (whom.Principal is not { } id || !Id().IsMatch(id))
        {
            return Problems.Of(400, "principal-malformed", "principal", "Say who: person:NAME or service:NAME, letter by letter as the audit log writes it.");
        }

        if (id == Principal.OfApiKey.Id)
        {
            return Problems.Of(400, "principal-malformed", "principal", $"{id} is the key of the settings: take it out of them.");
        }

        if (isDisabled && id == http.Caller().Id)
        {
            return Problems.Of(409, "principal-self", "principal", "Nobody disables himself: another one with the scope admin has to, so that somebody is left who can take it back.");
        }

        var parts = id.Split(':', 2);
        var principal = new AccessPrincipal(id, parts[0], parts[1], []);
        var now = time.GetUtcNow();
        await transactions.RunAsync(
            async (db, _) =>
            {
                if (isDisabled ? await AccessBook.DisableAsync(db, principal, now, cancellationToken) : await AccessBook.EnableAsync(db, id, cancellationToken))
                {
                    await AuditLog.AppendAsync(db, http.Entry(isDisabled ? "principal.disable" : "principal.enable", id, whom.Reason), cancellationToken);
                }
            },
            cancellationToken);
        keys.Forget();
        return Results.Json(PrincipalJson.From(await transactions.ReadAsync(db => AccessBook.FindPrincipalAsync(db, id, cancellationToken)) ?? principal));
    }

    /// <summary>What a key or a provider may call somebody.</summary>
    [GeneratedRegex(@"^(person|service):[!-~]{1,190}\z")]
    private static partial Regex Id();
}
