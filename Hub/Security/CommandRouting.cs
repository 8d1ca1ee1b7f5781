namespace IntegrationHub.Hub.Security;

/// <summary>How routes of commands say what they come with.</summary>
internal static class CommandRouting
{
    private const int LongestReason = 500;

    /// <summary>
    /// Says it. Where a reason is needed always, a call without one is refused before anything is looked at; the audit log has what was said also where the route appends nothing itself.
    /// </summary>
    /// <param name="route">The route; its body is an <see cref="IReasoned"/> where a reason is needed always.</param>
    /// <param name="terms">What it comes with.</param>
    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder route, CommandTerms terms)
    {
        route.WithMetadata(terms).AddEndpointFilter((call, next) => HearAsync(call, next, terms.WhyNeeded == CommandTerms.Always));
        return route;
    }

    /// <summary>What whoever does not say why is told.</summary>
    /// <param name="about">What nothing was done to; empty for nothing that has a name yet.</param>
    /// <param name="because">Why this has to be said, a half sentence; null where it always has to.</param>
    public static IResult WhyMissing(string about, string? because = null) => Problems.Of(
        400, "field-missing", "reason",
        $"Nothing was done{(about.Length == 0 ? "" : $" to {about}")}: say in 'reason', in at most {LongestReason} characters, why{(because is null ? "" : $", for {because}")}; it stays in the audit log. In a terminal: --reason TEXT.");

    private static async ValueTask<object?> HearAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next, bool isNeeded)
    {
        var said = call.Arguments.OfType<IReasoned>().FirstOrDefault()?.Reason;
        if (string.IsNullOrWhiteSpace(said))
        {
            return isNeeded ? WhyMissing(string.Join(", ", call.HttpContext.Request.RouteValues.Values)) : await next(call);
        }

        call.HttpContext.Features.Set(new SaidWhy(said.Trim() is { Length: > LongestReason } longer ? longer[..LongestReason] : said.Trim()));
        return await next(call);
    }
}
