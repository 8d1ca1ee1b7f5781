using System.Globalization;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Reads;
using IntegrationHub.Hub.Security;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Identities;

/// <summary>Who is who, over HTTP: to be seen and decided. Whom it is about stands in the body: addresses are logged by whoever routes them.</summary>
internal static class IdentityRoutes
{
    private const string Path = "/v1/identities";

    /// <summary>What clients of earlier versions call; not described any more.</summary>
    private const string FormerPath = "/v1/identity";

    private const int LongestText = 500;
    private const int LongestName = 128;
    private const int MostProposals = 1_000;

    public static void MapIdentities(this IEndpointRouteBuilder routes)
    {
        MapUnder(Path, routes);
        MapUnder(FormerPath, routes);
    }

    private static void MapUnder(string path, IEndpointRouteBuilder routes)
    {
        var isFormer = path == FormerPath;
        Named(routes.MapPost($"{path}/show", ShowAsync), "showPerson").Produces<PersonFileJson>().ProducesProblem(400).ProducesProblem(404).Needs(Scope.PeopleRead);
        Named(routes.MapGet($"{path}/proposals", ProposeAsync), "listIdentityProposals").ProducesPage<ProposalsJson, ProposalJson>().WithMetadata(new TakesItsTime()).Needs(Scope.PeopleRead);
        Named(routes.MapGet($"{path}/matches", MatchAsync), "listMatchRates").ProducesPage<MatchRateJson>().WithMetadata(new TakesItsTime()).ProducesProblem(404).Needs(Scope.RunsRead);
        foreach (var verdict in Enum.GetValues<IdentityVerdict>())
        {
            var word = verdict.ToString().ToLowerInvariant();
            Named(routes.MapPost($"{path}/{word}", (RulingJson ruling, HttpContext http, IServiceProvider services, CancellationToken cancellationToken) => DecideAsync(verdict, ruling, http, services, cancellationToken)), $"{word}Identity")
                .Produces<RulingAnswerJson>().Produces<ApprovalJson>(202).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Needs(Scope.PrivacyWrite)
                .Takes(CommandTerms.Blind(verdict == IdentityVerdict.Merge ? "it is compared again when others agree" : "it is about keys and takes effect whatever else is known of them", CommandTerms.Always));
        }

        RouteHandlerBuilder Named(RouteHandlerBuilder route, string name) => isFormer ? route.ExcludeFromDescription() : route.WithName(name);
    }

    private static async Task<IResult> ShowAsync(PersonQuestionJson question, HttpContext http, OutboxTransaction transactions, IdentityDesk desk, DestinationDirectory destinations, CancellationToken cancellationToken)
    {
        if (question.Reveal && Reveal.Refuse(http, question.Reason) is { } refusal)
        {
            return refusal;
        }

        if (KeyText.Read(question.Key) is not { } key)
        {
            return NoKey("key");
        }

        var file = await transactions.ReadAsync(db => desk.FindAsync(db, key, [.. destinations.All.Select(destination => destination.Name)], cancellationToken));
        if (question.Reveal && file is not null)
        {
            await Reveal.NoteAsync(http, transactions, "person.reveal", string.Create(CultureInfo.InvariantCulture, $"profile:{(file.Profiles.Count > 0 ? file.Profiles[0].ProfileId : 0)}"), question.Reason!, cancellationToken);
        }

        return file is null
            ? Problems.Of(404, "key-unknown", "key", $"No fact has stated this {PersonKey.WordOf(key.Kind)} yet. Check its spelling, or ask by another key of the person; numbers and ids of other systems in columns of a list tell nobody.")
            : Results.Json(PersonFileJson.From(file, question.Reveal));
    }

    private static async Task<IResult> ProposeAsync(string? kind, int? limit, bool? reveal, string? reason, HttpContext http, OutboxTransaction transactions, ProposalDesk proposals, CancellationToken cancellationToken)
    {
        if (reveal is true && Reveal.Refuse(http, reason) is { } refusal)
        {
            return refusal;
        }

        string[] kinds = [.. PersonKey.Words.Where(word => word is not ("external_id" or "account_id")), IdentityProposals.MergeKind, IdentityProposals.UndecidedKind];
        if (kind is not null && !kinds.Contains(kind))
        {
            return Problems.Of(400, "kind-unknown", "kind", $"'{kind}' is no kind of proposal. Use one of: {string.Join(", ", kinds)}.");
        }

        if (reveal is true)
        {
            await Reveal.NoteAsync(http, transactions, "people.reveal", $"proposals:{kind ?? "all"}", reason!, cancellationToken);
        }

        return Results.Json(ProposalsJson.From(await transactions.ReadAsync(db => proposals.ListAsync(db, kind, Math.Clamp(limit ?? 100, 1, MostProposals), cancellationToken)), kind, reveal is true));
    }

    private static async Task<IResult> MatchAsync(string? audience, string? destination, HubConfiguration configuration, DestinationDirectory destinations, OutboxTransaction transactions, CancellationToken cancellationToken)
    {
        audience = audience is null ? null : configuration.AudienceKeyOf(audience);
        if (audience is not null && !configuration.Audiences.ContainsKey(audience))
        {
            return Problems.Of(404, "audience-unknown", "audience", $"There is no audience {audience}. Known: {string.Join(", ", configuration.Audiences.Keys.Order(StringComparer.Ordinal))}.");
        }

        if (destination is not null && destinations.Find(destination) is null)
        {
            return Problems.Of(404, "destination-unknown", "destination", $"There is no destination {destination}. GET /v1/destinations lists them.");
        }

        var rates = new List<MatchRateJson>();
        foreach (var (key, name) in configuration.Audiences.Values.SelectMany(known => known.Destinations.Select(name => (known.Key, name))).Where(pair => audience is null || pair.Key == audience))
        {
            if (destinations.Find(name) is { } known && (destination is null || name == destination))
            {
                rates.Add(MatchRateJson.From(await transactions.ReadAsync(db => MatchRates.CountAsync(db, key, name, known.IdentityKeyKind, cancellationToken)), known.IdentityKeyKind));
            }
        }

        return Results.Json(PageJson.Whole(rates));
    }

    private static async Task<IResult> DecideAsync(IdentityVerdict verdict, RulingJson said, HttpContext http, IServiceProvider services, CancellationToken cancellationToken)
    {
        if (said.Reason is not { Length: <= LongestText } reason || string.IsNullOrWhiteSpace(reason))
        {
            return Problems.Of(400, "field-missing", "reason", $"Say in 'reason', in at most {LongestText} characters, why; it stays with the decision.");
        }

        if (KeyText.Read(said.Key) is not { } key)
        {
            return NoKey("key");
        }

        var isAboutOne = verdict is IdentityVerdict.Block or IdentityVerdict.Unblock;
        var person = PersonKey.Of(KeyKind.ExternalId, said.Person);
        if (Refuse(verdict, key, person) is { } refused)
        {
            return refused;
        }

        var (transactions, desk, time) = (services.GetRequiredService<OutboxTransaction>(), services.GetRequiredService<IdentityDesk>(), services.GetRequiredService<TimeProvider>());
        var ruling = new IdentityRuling(verdict, key, isAboutOne ? null : person, http.Caller().Id, reason.Trim());
        var merges = services.GetRequiredService<MergeApproval>();
        var asks = verdict == IdentityVerdict.Merge && merges.IsNeeded;
        var result = await transactions.RunAsync<RulingResult>(
            async (db, _) =>
            {
                var decided = await desk.DecideAsync(db, ruling, time.GetUtcNow(), cancellationToken);
                if (asks)
                {
                    return (decided, false); // what would come of it; others have to agree first
                }

                if (decided.Outcome == RulingOutcome.Decided)
                {
                    await AuditLog.AppendAsync(db, http.Entry($"identity.{verdict.ToString().ToLowerInvariant()}", $"identity:{PersonKey.WordOf(key.Kind)}", Note(ruling.Reason, said.By)), cancellationToken);
                }

                return (decided, decided.Outcome == RulingOutcome.Decided);
            },
            cancellationToken);
        if (!result.Holds)
        {
            return Problem(result, verdict, key);
        }

        if (asks && result.Outcome == RulingOutcome.Decided)
        {
            return await AskAsync(merges, transactions, ruling with { Reason = Note(ruling.Reason, said.By) }, http, cancellationToken);
        }

        if (result.Outcome == RulingOutcome.Decided)
        {
            await services.GetRequiredService<FactIntake>().RingAsync(cancellationToken);
        }

        return Results.Json(RulingAnswerJson.From(result, await services.GetRequiredService<ContestSweeper>().SweepAsync(cancellationToken)));
    }

    private static async Task<IResult> AskAsync(MergeApproval merges, OutboxTransaction transactions, IdentityRuling ruling, HttpContext http, CancellationToken cancellationToken)
    {
        var asked = await transactions.RunAsync<Approval?>(
            async (db, _) =>
            {
                var approval = await merges.AskAsync(db, ruling, cancellationToken);
                await (approval is null ? Task.CompletedTask : AuditLog.AppendAsync(db, http.Entry("identity.merge.ask", approval.Request.Subject, ruling.Reason) with { AfterHash = approval.Request.PlanHash }, cancellationToken));
                return (approval, approval is not null);
            },
            cancellationToken);
        return asked is null ? Problem(new RulingResult(RulingOutcome.PersonUnknown, []), ruling.Verdict, ruling.Key) : Results.Json(ApprovalJson.From(asked), statusCode: 202);
    }

    private static IResult? Refuse(IdentityVerdict verdict, PersonKey key, PersonKey? person) => verdict switch
    {
        IdentityVerdict.Block or IdentityVerdict.Unblock => key.Kind == KeyKind.ExternalId
            ? Problems.Of(400, "key-primary", "key", "An external_id is a person and cannot be blocked. Block the key that several people share; to leave somebody alone, state profile_deleted or a consent.")
            : null,
        _ when person is not { } other => Problems.Of(400, "field-missing", "person", "Say in 'person' the company's id of the person (external_id)."),
        IdentityVerdict.Assign when key.Kind == KeyKind.ExternalId => Problems.Of(400, "key-primary", "key", "An external_id is a person of its own and cannot be somebody else's. Two people who are one are merged: POST /v1/identities/merge."),
        IdentityVerdict.Merge when key.Kind != KeyKind.ExternalId => Problems.Of(400, "key-not-primary", "key", "People are merged by their external_id. A key of another kind is given to a person: POST /v1/identities/assign."),
        _ when key == person => Problems.Of(400, "key-same", "person", "Both are the same person. Name two."),
        _ => null,
    };

    private static IResult Problem(RulingResult result, IdentityVerdict verdict, PersonKey key) => result.Outcome switch
    {
        RulingOutcome.PersonUnknown => Problems.Of(404, "person-unknown", "person", "Nobody is known by one of the ids; nothing was changed. Check the spelling; a person is known once a fact has stated the id."),
        RulingOutcome.KeyUnknown => Problems.Of(404, "key-unknown", "key", $"No fact has stated this {PersonKey.WordOf(key.Kind)} yet; nothing was changed. Check its spelling."),
        RulingOutcome.Erased => Problems.Of(409, "key-erased", "key", "One of the keys is of somebody who was erased and asked to stay so: a decision would keep it. Nothing was changed, and nobody has the key."),
        RulingOutcome.TellsNobody => Problems.Of(409, "key-tells-nobody", "key", $"identity.yaml has no rule for {PersonKey.WordOf(key.Kind)}, so it tells nobody; nothing was changed. Add {PersonKey.WordOf(key.Kind)} under keys first."),
        RulingOutcome.KeyBlocked => Problems.Of(409, "key-blocked", "key", $"One of the keys joins nobody: a pattern of identity.yaml or a decision blocks it, or too many people share it. Nothing was changed. Unblock it first: POST /v1/identities/unblock."),
        RulingOutcome.JoinedByOthers => Problems.Of(
            409, "joined-by-others", "person",
            $"The two stay one person by other merges ({string.Join(", ", result.Others.Select(pair => $"{KeyText.Mask(pair.Item1)} with {KeyText.Mask(pair.Item2)}"))}); nothing was changed. Unmerge those first."),
        RulingOutcome.Unreadable => Problems.Of(409, "decision-unreadable", "key", $"{UnreadableRow.Say("identity_decisions", result.Unreadable[0], "verdict, key_a or key_b")} Until then nobody decides over it, and nothing is sent for the people whom it names."),
        _ => Problems.Of(409, "not-joined", "key", verdict == IdentityVerdict.Unmerge && key.Kind == KeyKind.ExternalId
            ? "The two are two people already; nothing was changed. POST /v1/identities/show tells who is who."
            : "The key was never stated with this person nor given to it; nothing was changed. POST /v1/identities/show tells whose it is."),
    };

    private static IResult NoKey(string field) => Problems.Of(400, "key-malformed", field, $"Name a key of a person, such as email:kim@example.org; kinds are {KeyText.Kinds}. A phone number needs its country, as in phone:+4930123456.");

    /// <summary>A reason with the name that the caller gave beside it, which is a note and no proof.</summary>
    private static string Note(string reason, string? name) =>
        name is { Length: > 0 and <= LongestName } && !name.Any(char.IsControl) ? $"{reason} (as {name} says)" : reason;
}
