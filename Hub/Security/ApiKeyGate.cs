using Microsoft.Net.Http.Headers;

namespace IntegrationHub.Hub.Security;

/// <summary>
/// Lets a call through with the API key (<c>Authorization: Bearer …</c>). Liveness and readiness are open then: they tell nothing but up or down;
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

        var refusal = key.IsConfigured ? RefuseWithKey(http.Request) : local.Refuse(http);
        if (refusal is null)
        {
            return next(http);
        }

        if (refusal.Status == StatusCodes.Status401Unauthorized)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return Problems.Of(refusal.Status, refusal.Type, refusal.Header, refusal.Detail).ExecuteAsync(http);
    }

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
