using System.Net;
using System.Net.Http.Headers;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>
/// Puts the token on every request, read anew each time: a rotated token works with the next call. Without a token nothing is sent and
/// the answer is what HubSpot would say.
/// </summary>
internal sealed class HubSpotAuthHandler(HubSpotOptions options, HttpMessageHandler transport) : DelegatingHandler(transport)
{
    private static readonly HttpRequestOptionsKey<bool> NotSent = new("not-sent");

    /// <summary>True when a request was answered here, for want of a token.</summary>
    public static bool WasNotSent(HttpRequestMessage request) => request.Options.TryGetValue(NotSent, out var notSent) && notSent;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var token = options.AccessToken()?.Trim();
        if (string.IsNullOrEmpty(token) || !AuthenticationHeaderValue.TryParse($"Bearer {token}", out var header))
        {
            request.Options.Set(NotSent, true);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.Unauthorized) { RequestMessage = request });
        }

        request.Headers.Authorization = header;
        return base.SendAsync(request, cancellationToken);
    }
}
