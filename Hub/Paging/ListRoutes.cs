using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Hub.Paging;

/// <summary>What makes a route one that answers a list.</summary>
internal static class ListRoutes
{
    /// <summary>What places were given as once. Left unsaid, a program of then would read the first page for ever.</summary>
    private const string FormerName = "before";

    /// <summary>The page that a call asks for.</summary>
    /// <param name="after">The parameter <c>after</c>.</param>
    /// <param name="limit">The parameter <c>limit</c>; more than there may be is as many as may be.</param>
    /// <param name="usual">How many items where nobody says it.</param>
    /// <param name="most">How many items at most.</param>
    public static PageAsk Ask(string? after, int? limit, int usual, int most) => new(after, Math.Clamp(limit ?? usual, 1, most));

    /// <summary>The route answers pages, and nothing else: what is no <see cref="PageJson{T}"/> does not leave the hub.</summary>
    public static RouteHandlerBuilder ProducesPage<T>(this RouteHandlerBuilder route) => route.ProducesPage<PageJson<T>, T>();

    /// <summary>As the other one, with members beside those of every page.</summary>
    public static RouteHandlerBuilder ProducesPage<TPage, T>(this RouteHandlerBuilder route)
        where TPage : PageJson<T> =>
        route.Produces<TPage>().ProducesProblem(400).AddEndpointFilter(async (call, next) =>
        {
            if (call.HttpContext.Request.Query.ContainsKey(FormerName))
            {
                return Problems.Of(400, "place-malformed", FormerName, "Lists go on with 'after' now: give it what the page before called next.");
            }

            try
            {
                var answer = await next(call);
                return answer is not IValueHttpResult { Value: { } value } || value is TPage or Microsoft.AspNetCore.Mvc.ProblemDetails
                    ? answer
                    : throw new InvalidOperationException($"A list answers {typeof(TPage)}, not {value.GetType()}.");
            }
            catch (MalformedPlaceException malformed)
            {
                return Problems.Of(400, "place-malformed", "after", malformed.Message);
            }
        });
}
