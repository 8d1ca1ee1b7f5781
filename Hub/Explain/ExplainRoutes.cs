using System.Globalization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Identities;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Reads;
using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Explain;

/// <summary>Why somebody is where they are, over HTTP. Keys stand in bodies: the address holds the hub's own number, which says nothing to anybody else.</summary>
internal static class ExplainRoutes
{
    public static IServiceCollection AddExplain(this IServiceCollection services) => services.AddSingleton<PersonFinder>().AddSingleton<PersonExplainer>();

    public static void MapExplain(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/profiles/lookup", LookUpAsync).WithName("lookUpProfile").Produces<PersonLookupJson>().ProducesProblem(400).Needs(Scope.PeopleRead);
        routes.MapPost("/v1/profiles/explain", ExplainKeyAsync).WithName("explainKey").Produces<ExplanationJson>().ProducesProblem(400).WithMetadata(new TakesItsTime()).Needs(Scope.PeopleRead);
        routes.MapGet("/v1/profiles/{id:long}/explain", (long id, string? destination, DateTimeOffset? at, HttpContext http, CancellationToken cancellationToken) =>
                ExplainAsync(Own(id), new ExplainQuestionJson(null, destination, at), http, cancellationToken))
            .WithName("explainProfile").Produces<ExplanationJson>().ProducesProblem(400).Needs(Scope.PeopleRead);
        routes.MapPost("/v1/profiles/{id:long}/explain", (long id, ExplainQuestionJson question, HttpContext http, CancellationToken cancellationToken) => ExplainAsync(Own(id), question, http, cancellationToken))
            .WithName("explainProfileInFull").Produces<ExplanationJson>().ProducesProblem(400).WithMetadata(new TakesItsTime()).Needs(Scope.PeopleRead);
    }

    private static async Task<IResult> LookUpAsync(PersonQuestionJson question, PersonExplainer explainer, CancellationToken cancellationToken) =>
        string.IsNullOrWhiteSpace(question.Key) ? NoKey() : Results.Json(await explainer.LookUpAsync(question.Key, cancellationToken));

    private static async Task<IResult> ExplainKeyAsync(ExplainQuestionJson question, HttpContext http, CancellationToken cancellationToken) =>
        string.IsNullOrWhiteSpace(question.Key) ? NoKey() : await ExplainAsync(question.Key, question, http, cancellationToken);

    private static async Task<IResult> ExplainAsync(string key, ExplainQuestionJson question, HttpContext http, CancellationToken cancellationToken)
    {
        var services = http.RequestServices;
        var (destinations, time) = (services.GetRequiredService<DestinationDirectory>(), services.GetRequiredService<TimeProvider>());
        if (question.Destination is { } name && destinations.Find(name) is null)
        {
            string[] names = [.. destinations.All.Select(destination => destination.Name).Order(StringComparer.Ordinal)];
            return Problems.Of(400, "destination-unknown", "destination", $"There is no such destination. {Spelling.Hint(name, names)}Known: {string.Join(", ", names)}.");
        }

        if (question.At > time.GetUtcNow())
        {
            return Problems.Of(400, "in-the-future", "at", "Nobody knows what will be. Leave 'at' out for now, or name a time that is over.");
        }

        if (question.Reveal && Reveal.Refuse(http, question.Reason) is { } refusal)
        {
            return refusal;
        }

        var explainer = services.GetRequiredService<PersonExplainer>();
        if (question.Reveal)
        {
            var found = await explainer.LookUpAsync(key, http.RequestAborted);
            await Reveal.NoteAsync(http, services.GetRequiredService<OutboxTransaction>(), "person.reveal", found.ProfileId is { } id ? string.Create(CultureInfo.InvariantCulture, $"profile:{id}") : "profile:unknown", question.Reason!, cancellationToken);
        }

        http.Response.Headers.CacheControl = "no-store";
        return Results.Json(await explainer.ExplainAsync(key, question, cancellationToken));
    }

    private static string Own(long id) => string.Create(CultureInfo.InvariantCulture, $"{PersonFinder.OwnNumber}{id}");

    private static IResult NoKey() => Problems.Of(400, "key-missing", "key", $"Name a key of a person, such as email:kim@example.org; kinds are {KeyText.Kinds}. The text alone is enough where it is your id or an address.");
}
