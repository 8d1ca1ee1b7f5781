using System.Net;
using System.Net.Http.Headers;
using IntegrationHub.Connectors.Abstractions.Calls;

namespace IntegrationHub.Connectors.Braze;

/// <summary>Puts the current API key on each call. Braze's keys neither expire nor refresh; without a key nothing is sent.</summary>
internal sealed class BrazeAuthHandler(BrazeOptions options, HttpMessageHandler transport) : DelegatingHandler(transport)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (options.ApiKey() is not { } key)
        {
            request.Options.Set(VendorCall.WasNotSent, true);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.Unauthorized) { RequestMessage = request });
        }

        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return base.SendAsync(request, cancellationToken);
    }
}
