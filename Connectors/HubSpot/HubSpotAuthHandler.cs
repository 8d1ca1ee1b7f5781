using System.Net;
using System.Net.Http.Headers;
using IntegrationHub.Connectors.Abstractions.Calls;

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
            request.Options.Set(VendorCall.WasNotSent, true);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.Unauthorized) { RequestMessage = request });
        }

        request.Headers.Authorization = header;
        request.Headers.Accept.ParseAdd("application/json");
        return base.SendAsync(request, cancellationToken);
    }
}
