using System.Data.Common;
using IntegrationHub.Hub.Security.Oidc;
using Microsoft.Net.Http.Headers;

namespace IntegrationHub.Hub.Security;

/// <summary>
/// Finds out who calls (<c>Authorization: Bearer …</c>: a key of the hub or a token of the identity provider), and lets through who may. Liveness and readiness are open: they tell nothing but up or down;
/// what changes something is refused to pages of other sites all the same. Where no key is required <see cref="LocalCalls"/> decides. Open to everybody are only routes that are
/// <see cref="ProvenBySender"/>, which check each call themselves, and <see cref="OpenToStrangers"/>, which tell nothing.
/// </summary>
internal sealed class ApiKeyGate(RequestDelegate next, ApiKey key, LocalCalls local, KeyRing keys, BearerTokens tokens, CallLimits limits)
{
    private const string Scheme = "Bearer ";

    public async Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata is { } route && (route.GetMetadata<ProvenBySender>() is not null || route.GetMetadata<OpenToStrangers>() is not null))
        {
            await next(http);
            return;
        }

        // The console has looked already who sits there; nobody else can put a principal here.
        var (caller, refusal) = http.Features.Get<Principal>() is { } known ? (known, null) : await FindAsync(http);
        refusal ??= caller is null ? null : RefuseScope(http, caller);
        if (refusal is not null)
        {
            await RefuseAsync(http, refusal.Status == StatusCodes.Status401Unauthorized ? limits.RefuseStranger(http, refusal) : refusal);
            return;
        }

        if (caller is not null)
        {
            http.Features.Set(caller);
        }

        await next(http);
    }

    /// <summary>The caller; neither for whoever watches the process and is not known.</summary>
    private async Task<(Principal? Caller, CallRefusal? Refusal)> FindAsync(HttpContext http)
    {
        var request = http.Request;
        var header = request.Headers.Authorization.ToString();
        var given = header.StartsWith(Scheme, StringComparison.Ordinal) ? header[Scheme.Length..] : null;
        if (!key.AreKeysRequired && (given is null || SecretKey.IdOf(given) is null))
        {
            return local.Refuse(http) is { } refusal ? (null, refusal) : (Principal.Local, null);
        }

        var changes = !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method));
        if (changes && BrowserOrigin.Refuse(request) is { } foreign)
        {
            return (null, foreign);
        }

        if (request.Path.StartsWithSegments("/healthz", StringComparison.OrdinalIgnoreCase))
        {
            return (null, null);
        }

        if (given is null || key.Matches(given))
        {
            return given is null ? (null, Unauthorized(tokens.IsOn ? "Send an API key, or an access token of the identity provider, as 'Authorization: Bearer <key>'." : "Send the API key as 'Authorization: Bearer <key>'.")) : (Principal.OfApiKey, null);
        }

        try
        {
            return tokens.Takes(given)
                ? await tokens.FindAsync(http)
                : await keys.FindAsync(given, http.RequestAborted) is { } caller
                    ? (caller, null)
                    : (null, Unauthorized("The API key is unknown, has expired or was revoked. Ask whoever has the scope admin for another one: 'keys create'."));
        }
        catch (Exception exception) when (exception is DbException or { InnerException: DbException } or TimeoutException)
        {
            return (null, new CallRefusal(StatusCodes.Status503ServiceUnavailable, "database-unavailable", HeaderNames.Authorization, "The hub's database does not answer, so it cannot be told who calls. Send the call again."));
        }
    }

    private static CallRefusal Unauthorized(string detail) => new(StatusCodes.Status401Unauthorized, "unauthorized", HeaderNames.Authorization, detail);

    private static CallRefusal? RefuseScope(HttpContext http, Principal caller) =>
        http.GetEndpoint()?.Metadata.GetMetadata<ScopeNeed>() is { Scope: var needed } && !caller.Scopes.Contains(needed) ? Callers.Missing(caller, needed) : null;

    private static Task RefuseAsync(HttpContext http, CallRefusal refusal)
    {
        if (refusal.Status == StatusCodes.Status401Unauthorized)
        {
            http.Response.Headers.WWWAuthenticate = refusal.Type == BearerTokens.Refused ? "Bearer error=\"invalid_token\"" : "Bearer";
        }

        return refusal.ToProblem().ExecuteAsync(http);
    }
}
