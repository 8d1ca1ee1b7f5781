using Microsoft.Net.Http.Headers;

namespace IntegrationHub.Hub.Security;

/// <summary>
/// Finds out who calls (<c>Authorization: Bearer …</c>), and lets through who may. Liveness and readiness are open: they tell nothing but up or down;
/// what changes something is refused to pages of other sites all the same. Without a configured key <see cref="LocalCalls"/> decides. Only routes that are
/// <see cref="ProvenBySender"/> are open to everybody: they check each call themselves.
/// </summary>
internal sealed class ApiKeyGate(RequestDelegate next, ApiKey key, LocalCalls local)
{
    private const string Scheme = "Bearer ";

    public Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<ProvenBySender>() is not null)
        {
            return next(http);
        }

        var isKeyed = key.IsConfigured;
        if ((isKeyed ? RefuseWithKey(http.Request) : local.Refuse(http)) is { } refusal)
        {
            return RefuseAsync(http, refusal);
        }

        var caller = isKeyed ? Principal.OfApiKey : Principal.Local;
        if (RefuseScope(http, caller) is { } missing)
        {
            return RefuseAsync(http, missing);
        }

        http.Features.Set(caller);
        return next(http);
    }

    private static Task RefuseAsync(HttpContext http, CallRefusal refusal)
    {
        if (refusal.Status == StatusCodes.Status401Unauthorized)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return Problems.Of(refusal.Status, refusal.Type, refusal.Header, refusal.Detail).ExecuteAsync(http);
    }

    private static CallRefusal? RefuseScope(HttpContext http, Principal caller) =>
        http.GetEndpoint()?.Metadata.GetMetadata<ScopeNeed>() is { Scope: var needed } && !caller.Scopes.Contains(needed)
            ? new CallRefusal(StatusCodes.Status403Forbidden, "scope-missing", HeaderNames.Authorization, $"{caller.Id} may not do this: it needs the scope {needed}. Ask whoever has the scope {Scope.Admin} for a key with it.")
            : null;

    private CallRefusal? RefuseWithKey(HttpRequest request)
    {
        var changes = !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method));
        if (changes && BrowserOrigin.Refuse(request) is { } refusal)
        {
            return refusal;
        }

        var given = request.Headers.Authorization.ToString();
        return request.Path.StartsWithSegments("/healthz", StringComparison.OrdinalIgnoreCase) || (given.StartsWith(Scheme, StringComparison.Ordinal) && key.Matches(given[Scheme.Length..]))
            ? null
            : new CallRefusal(StatusCodes.Status401Unauthorized, "unauthorized", HeaderNames.Authorization, "Send the API key as 'Authorization: Bearer <key>'.");
    }
}
