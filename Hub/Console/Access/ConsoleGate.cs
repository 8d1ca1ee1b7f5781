using System.Data.Common;
using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Console.Access;

/// <summary>
/// Finds out who sits at a page, by the session of the browser; without keys by <see cref="LocalCalls"/>. Only pages take cookies, never the API. Who may not see a page is told so in
/// words, and who is not known is asked to sign in.
/// </summary>
internal sealed class ConsoleGate(RequestDelegate next, ApiKey key, LocalCalls local, BrowserSessions sessions)
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    public async Task InvokeAsync(HttpContext http)
    {
        var route = http.GetEndpoint()?.Metadata;
        if (route?.GetMetadata<ConsolePage>() is null)
        {
            await next(http);
            return;
        }

        Protect(http);
        var isStranger = route.GetMetadata<OpenToStrangers>() is not null;
        var (caller, refusal) = await FindAsync(http, isStranger);
        refusal ??= caller is not null && route.GetMetadata<ScopeNeed>() is { Scope: var needed } && !caller.Scopes.Contains(needed) ? Callers.Missing(caller, needed) : null;
        if (refusal is not null)
        {
            await new RefusedResult(refusal, caller).ExecuteAsync(http);
        }
        else if (caller is null && !isStranger)
        {
            http.Response.Redirect(HttpMethods.IsGet(http.Request.Method) ? $"/sign-in?to={Uri.EscapeDataString($"{http.Request.Path}{http.Request.QueryString}")}" : "/sign-in");
        }
        else
        {
            if (caller is not null)
            {
                http.Features.Set(caller);
            }

            await next(http);
        }
    }

    private async Task<(Principal? Caller, CallRefusal? Refusal)> FindAsync(HttpContext http, bool isStranger)
    {
        if (!HttpMethods.IsGet(http.Request.Method) && BrowserOrigin.Refuse(http.Request) is { } foreign)
        {
            return (null, foreign);
        }

        if (!key.AreKeysRequired)
        {
            return local.Refuse(http) is { } refusal && !(isStranger && refusal.Status != StatusCodes.Status403Forbidden) ? (null, Arriving(http, refusal)) : (Principal.Local, null);
        }

        try
        {
            return (await sessions.FindAsync(http), null);
        }
        catch (Exception exception) when (exception is DbException or { InnerException: DbException } or TimeoutException)
        {
            return (null, new CallRefusal(StatusCodes.Status503ServiceUnavailable, "database-unavailable", "Cookie", "The hub's database does not answer, so nobody can be let in. Nothing is lost; load the page again when it answers."));
        }
    }

    /// <summary>Whoever follows a link from elsewhere to look at a page changes nothing: a browser says so of itself.</summary>
    private static CallRefusal? Arriving(HttpContext http, CallRefusal refusal) =>
        refusal.Type == "cross-site" && HttpMethods.IsGet(http.Request.Method) && http.Request.Headers["Sec-Fetch-Mode"] == "navigate" && http.Request.Headers["Sec-Fetch-Dest"] == "document" ? null : refusal;

    private static void Protect(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers["Referrer-Policy"] = "same-origin"; // with no-referrer a browser hides from the hub, too, whose page posts a form
        headers.CacheControl = "no-store";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
    }
}
