using System.Net;
using System.Net.Http.Headers;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>
/// Puts the token on every request, read anew each time: a rotated token works with the next call. Without a token nothing is sent and
/// the answer is what HubSpot would say.
/// </summary>
internal sealed class HubSpotAuthHandler(HubSpotOptions options, HttpMessageHandler transport) : DelegatingHandler(transport)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var token = options.AccessToken()?.Trim();
        if (string.IsNullOrEmpty(token) || !AuthenticationHeaderValue.TryParse($"Bearer {token}", out var header))
        {
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.Unauthorized) { RequestMessage = request });
        }

        request.Headers.Authorization = header;
        return base.SendAsync(request, cancellationToken);
    }
}
