using IntegrationHub.Storage.Audit;
using Microsoft.Net.Http.Headers;

namespace IntegrationHub.Hub.Security;

/// <summary>Who makes a request.</summary>
internal static class Callers
{
    /// <summary>The caller; its id is what goes wherever it is said who did something.</summary>
    /// <exception cref="InvalidOperationException">The request did not come through <see cref="ApiKeyGate"/>.</exception>
    public static Principal Caller(this HttpContext http) =>
        http.Features.Get<Principal>() ?? throw new InvalidOperationException("Nobody has looked who calls. Put ApiKeyGate before the routes.");

    /// <summary>By which way: the console, the hub's own command line, or another program.</summary>
    public static string Via(this HttpContext http) => http.Request.Headers.UserAgent.ToString() switch
    {
        var agent when agent.StartsWith("integrationhub-cli", StringComparison.Ordinal) => AuditVia.Cli,
        var agent when agent.StartsWith("integrationhub-console", StringComparison.Ordinal) => AuditVia.Console,
        _ => AuditVia.Api,
    };

    /// <summary>Why the caller may not have a part of what a route offers, or null when it may.</summary>
    /// <param name="http">The request.</param>
    /// <param name="scope">What that part needs beside the route itself; one of <see cref="Scope"/>.</param>
    public static IResult? Refuse(this HttpContext http, string scope) => http.Caller() is var caller && caller.Scopes.Contains(scope) ? null : Missing(caller, scope).ToProblem();

    /// <summary>What the caller did, for the audit log.</summary>
    /// <param name="http">The request.</param>
    /// <param name="action">What, as <c>backfill.approve</c>.</param>
    /// <param name="subject">To what, as <c>backfill:ID</c>; never a personal value.</param>
    /// <param name="reason">Why, or null.</param>
    public static AuditEntry Entry(this HttpContext http, string action, string subject, string? reason = null) =>
        new(http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow(), http.Caller().Id, http.Via(), action, subject, reason) { Role = Role.Of(http.Caller().Scopes) };

    internal static CallRefusal Missing(Principal caller, string scope) => new(
        StatusCodes.Status403Forbidden, "scope-missing", HeaderNames.Authorization,
        caller.IsOfProvider
            ? $"{caller.Id} may not do this: it needs the scope {scope}. {string.Join(" and ", Role.All.Where(role => Role.ScopesOf(role).Contains(scope)))} have it; ask whoever keeps the groups of the identity provider."
            : $"{caller.Id} may not do this: it needs the scope {scope}. Ask whoever has the scope {Scope.Admin} for a key with it: 'keys create'.");
}
