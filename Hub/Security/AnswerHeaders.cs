namespace IntegrationHub.Hub.Security;

/// <summary>
/// What every answer tells a browser, errors included, unless its route knows better: take it for what it says it is, keep it nowhere, show it in no other page, run nothing of it, tell nobody where it was.
/// Pages have a policy of their own (<see cref="Console.Access.ConsoleGate"/>).
/// </summary>
internal sealed class AnswerHeaders(RequestDelegate next)
{
    private const string Policy = "default-src 'none'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext http)
    {
        // Not before: an error clears what was set until then.
        http.Response.OnStarting(Protect, http);
        return next(http);
    }

    private static Task Protect(object state)
    {
        var http = (HttpContext)state;
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = headers.ContentSecurityPolicy is { Count: > 0 } own ? own : Policy;
        headers.CacheControl = headers.CacheControl is { Count: > 0 } kept ? kept : "no-store";
        headers["Referrer-Policy"] = headers["Referrer-Policy"] is { Count: > 0 } said ? said : "no-referrer";
        if (BrowserRoad.IsSafe(http))
        {
            headers.StrictTransportSecurity = "max-age=31536000";
        }

        return Task.CompletedTask;
    }
}
