using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Reads;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Shadows;

namespace IntegrationHub.Hub.Shadows;

/// <summary>Comparisons of two sources over HTTP.</summary>
internal static class ShadowRoutes
{
    private const int Usual = 100;
    private const int Most = 1_000;

    public static IServiceCollection AddShadows(this IServiceCollection services) => services.AddSingleton<ShadowComparer>().AddSingleton<ShadowLook>().AddHostedService<ShadowTakeover>();

    public static void MapShadows(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/shadows", (ShadowLook look) => Results.Json(PageJson.Whole(look.Look()))).WithName("listShadows").ProducesPage<ShadowStandJson>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/shadows/{source}", async (string source, ShadowComparer comparer, CancellationToken cancellationToken) =>
                comparer.Shadows.ContainsKey(source) ? Results.Json(await comparer.CompareAsync(source, cancellationToken)) : Unknown(source, comparer))
            .WithName("compareShadow").Produces<ShadowComparisonJson>().ProducesProblem(404).WithMetadata(new TakesItsTime()).Needs(Scope.RunsRead);
        routes.MapGet(
                "/v1/shadows/{source}/people",
                (string source, string? attribute, string? audience, string? state, string? after, int? limit, ShadowComparer comparer, HttpContext http, CancellationToken cancellationToken) =>
                    ListAsync(source, new ShadowQuestionJson(attribute, audience, state, null, after, limit), reveal: false, comparer, http, cancellationToken))
            .WithName("listShadowedPeople").ProducesPage<ShadowDifferenceJson>().ProducesProblem(404).Needs(Scope.PeopleRead);
        routes.MapPost("/v1/shadows/{source}/people", RevealAsync)
            .WithName("revealShadowedPeople").ProducesPage<ShadowDifferenceJson>().ProducesProblem(403).ProducesProblem(404).WithMetadata(new TakesItsTime()).Needs(Scope.PeopleRead);
    }

    private static async Task<IResult> RevealAsync(string source, ShadowQuestionJson question, ShadowComparer comparer, OutboxTransaction transactions, HttpContext http, CancellationToken cancellationToken)
    {
        if (Reveal.Refuse(http, question.Reason) is { } denied)
        {
            return denied;
        }

        if (Refuse(source, question, comparer) is { } refusal)
        {
            return refusal;
        }

        await Reveal.NoteAsync(http, transactions, "people.reveal", $"shadow:{source}:{question.Attribute ?? question.Audience}", question.Reason!, cancellationToken);
        return await ListAsync(source, question, reveal: true, comparer, http, cancellationToken);
    }

    private static async Task<IResult> ListAsync(string source, ShadowQuestionJson question, bool reveal, ShadowComparer comparer, HttpContext http, CancellationToken cancellationToken)
    {
        if (Refuse(source, question, comparer) is { } refusal)
        {
            return refusal;
        }

        var (kind, name) = question.Audience is { } audience ? (ShadowKind.Audience, audience) : (ShadowKind.Keys.Contains(question.Attribute!) ? ShadowKind.Key : ShadowKind.Attribute, question.Attribute!);
        var state = question.State ?? (kind == ShadowKind.Audience ? ShadowState.OnlyShadow : ShadowState.Different);
        http.Response.Headers.CacheControl = "no-store";
        return Results.Json(PageJson.Of(await comparer.ListAsync(source, kind, name, state, reveal, ListRoutes.Ask(question.After, question.Limit, Usual, Most), cancellationToken)));
    }

    private static IResult? Refuse(string source, ShadowQuestionJson question, ShadowComparer comparer) =>
        !comparer.Shadows.ContainsKey(source) ? Unknown(source, comparer)
        : question.Attribute is null == question.Audience is null ? Problems.Of(400, "field-invalid", "attribute", "Name either 'attribute' or 'audience': people are compared in one thing at a time.")
        : question.State is { } state && !ShadowState.All.Contains(state) ? Problems.Of(400, "field-invalid", "state", $"'state' is one of {string.Join(", ", ShadowState.All)}.")
        : null;

    private static IResult Unknown(string source, ShadowComparer comparer) => Problems.Of(
        404, "shadow-unknown", "source",
        $"No source {source} shadows another one. {(comparer.Shadows.Count == 0 ? "None does: 'shadows' in ownership.yaml names them." : $"{Spelling.Hint(source, comparer.Shadows.Keys)}Known: {string.Join(", ", comparer.Shadows.Keys.Order(StringComparer.Ordinal))}.")}");
}
