using System.Text;
using System.Text.Json.Serialization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Privacy;

/// <summary>What is known of one person's consent and what follows from it, over HTTP. Whom it is about stands in the body: addresses are logged by whoever routes them.</summary>
internal static class PrivacyRoutes
{
    public static void MapPrivacy(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/policy/check", CheckAsync).WithName("checkPolicy").Produces<PolicyAnswerJson>().ProducesProblem(400).Needs(Scope.PolicyCheck);
        routes.MapGet("/v1/consents", CountAsync).WithName("countConsents").ProducesPage<ConsentCountJson>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/consents/parts", PartsAsync).WithName("listConsentParts").ProducesPage<ConsentPartJson>().Needs(Scope.RunsRead);
        routes.MapPost("/v1/consents/show", ShowAsync).WithName("showConsents").Produces<ConsentFileJson>().ProducesProblem(400).Needs(Scope.PeopleRead);
    }

    private static async Task<IResult> CheckAsync(PolicyQuestionJson question, HubConfiguration configuration, DestinationDirectory directory, PolicyCheck check, CancellationToken cancellationToken)
    {
        string[] known = [.. configuration.Consent.Purposes.Select(purpose => purpose.Name)];
        if (question.Purpose is { } purpose && !known.Contains(purpose))
        {
            return Problems.Of(400, "purpose-unknown", "purpose", $"The purpose is not in consent.yaml. {Spelling.Hint(purpose, known)}Known: {string.Join(", ", known)}.");
        }

        var destination = question.Destination is { } name ? directory.Find(name) : null;
        if (question.Destination is not null && destination is null)
        {
            string[] names = [.. directory.All.Select(other => other.Name).Order(StringComparer.Ordinal)];
            return Problems.Of(400, "destination-unknown", "destination", $"There is no such destination. {Spelling.Hint(question.Destination, names)}Known: {string.Join(", ", names)}.");
        }

        string[] purposes = [.. new[] { question.Purpose }.OfType<string>().Concat(destination?.Purposes ?? []).Distinct(StringComparer.Ordinal)];
        if (purposes.Length == 0)
        {
            return Problems.Of(400, "purpose-missing", "purpose", $"Say what for: purpose, one of {string.Join(", ", known)}, or destination for all of its purposes.");
        }

        if (question.Channel is { } channel
            && configuration.Consent.Purposes.FirstOrDefault(asked => purposes.Contains(asked.Name) && asked.Channel is not null && asked.Channel != channel) is { } elsewhere)
        {
            return Problems.Of(400, "channel-unknown", "channel", $"The purpose {elsewhere.Name} addresses people through {elsewhere.Channel}. Ask about that channel, or about a purpose of the other one.");
        }

        return Refuse(question.Subject) ?? Results.Json(await check.AskAsync(purposes, question.Subject!, cancellationToken));
    }

    private static async Task<IResult> CountAsync(HubConfiguration configuration, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken)
    {
        var purposes = configuration.Consent.Purposes;
        var (granted, day) = await transactions.ReadAsync(async db => (
            await ConsentCounts.GrantedAsync(db, [.. purposes.Select(purpose => purpose.Name)], cancellationToken),
            await ConsentCounts.SinceAsync(db, time.GetUtcNow() - TimeSpan.FromDays(1), cancellationToken)));
        return Results.Json(PageJson.Whole(ConsentCountJson.Of(purposes, granted, day)));
    }

    private static async Task<IResult> PartsAsync(string? purpose, HubConfiguration configuration, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken)
    {
        var purposes = configuration.Consent.Purposes.Select(known => known.Name).Where(known => purpose is null || known == purpose);
        var granted = new List<ConsentDay>();
        foreach (var known in purposes)
        {
            granted.AddRange(await transactions.ReadAsync(db => ConsentCounts.GrantedBySourceAsync(db, known, cancellationToken)));
        }

        var day = await transactions.ReadAsync(db => ConsentCounts.SinceAsync(db, time.GetUtcNow() - TimeSpan.FromDays(1), cancellationToken));
        return Results.Json(PageJson.Whole(ConsentPartJson.Of(granted, day.Where(part => purpose is null || part.Purpose == purpose))));
    }

    private static async Task<IResult> ShowAsync(
        ConsentQuestionJson question, HubConfiguration configuration, OutboxTransaction transactions, PolicyCheck check, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Refuse(question.Subject) is { } refused)
        {
            return refused;
        }

        if (question.Format is not (null or ConsentQuestionJson.Plain or ConsentQuestionJson.Iso))
        {
            return Problems.Of(400, "format-unknown", "format", $"Write {ConsentQuestionJson.Plain} or {ConsentQuestionJson.Iso}.");
        }

        var keys = question.Subject!.Keys;
        var (refusal, person, record, position, outcomes, policies) = await transactions.ReadAsync(async db =>
        {
            var newest = await ConsentBook.PositionAsync(db, cancellationToken);
            var (refusing, people) = await check.FindRefusalAsync(db, keys, cancellationToken);
            var found = people is [var first, ..] ? first : null;
            var told = found is null ? [] : await DecidedOutcomes.ReadAsync(db, found.ProfileId, configuration.Destinations.Keys, ConsentProof.Most, cancellationToken);
            var used = await PolicyVersions.ReadAsync(db, [.. told.Select(outcome => outcome.Decided?.PolicyId).OfType<int>().Distinct()], cancellationToken);
            return (refusing, found, await ConsentBook.ReadAsync(db, found, keys, cancellationToken), newest, told, used);
        });
        if (question.Format == ConsentQuestionJson.Iso)
        {
            return Results.Json(IsoConsentJson.From(record.Entries, configuration.Consent.Controllers, question.At));
        }

        var place = person is null ? default : StoredConsent.PlaceOf(Encoding.UTF8.GetBytes(person.ConsentJson));
        var states = record.EffectiveAt(question.At, place);
        var decided = StoredConsent.Read(states);
        var at = question.At is { } then ? record.TimeAt(then) ?? time.GetUtcNow() : time.GetUtcNow();
        var policy = new ConsentPolicy(configuration.Consent);
        return Results.Json(new ConsentFileJson(
            person is not null, at, question.At ?? position, configuration.Consent.Version,
            [.. configuration.Consent.Purposes.Select(purpose => Of(
                purpose.Name, decided, refusal is { } refusing ? refusing with { Purpose = purpose.Name } : policy.Decide([purpose.Name], states, at)))],
            ConsentLineJson.From([.. record.Entries.Where(entry => question.At is null || (entry.Position ?? 0) <= question.At)]))
        {
            Proofs = ConsentProof.Of(outcomes, policies, record, place),
        });
    }

    private static PurposeFileJson Of(string purpose, IReadOnlyDictionary<string, PurposeConsent> decided, in ConsentDecision decision) => new(
        purpose, decided.TryGetValue(purpose, out var state) ? PurposeStateJson.From(purpose, state) : null, decision.Allowed, decision.Rule, decision.Basis, decision.Code, decision.ValidUntil);

    private static IResult? Refuse(SubjectJson? subject) => subject switch
    {
        { HasBrokenPhone: true } => Problems.Of(400, "phone-malformed", "subject.phone", "Write the number with its country, as in +4930123456: without it nobody can tell whose it is."),
        { Keys.Count: > 0 } => null,
        _ => Problems.Of(400, "subject-missing", "subject", "Name the person: subject with external_id, email, crm_id, phone, anonymous_id or device_id, or several of them."),
    };
}

/// <summary>Whose consent is to be shown.</summary>
/// <param name="Subject">Whom.</param>
/// <param name="At">As it counted when the log had come to this position; null for now.</param>
/// <param name="Format"><see cref="Plain"/> or <see cref="Iso"/>; null for the first.</param>
internal sealed record ConsentQuestionJson(
    [property: JsonPropertyName("subject")] SubjectJson? Subject = null,
    [property: JsonPropertyName("at")] long? At = null,
    [property: JsonPropertyName("format")] string? Format = null)
{
    /// <summary>What is known, what counts, and the lines of the ledger.</summary>
    public const string Plain = "json";

    /// <summary>Records with the names of ISO/IEC TS 27560.</summary>
    public const string Iso = "iso27560";
}
