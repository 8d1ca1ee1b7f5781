using System.Net.Http.Headers;

namespace IntegrationHub.Connectors.Abstractions.Calls;

/// <summary>
/// Says to the vendor who calls: the hub, its version and where to read about it. Part of every transport that a connector is given, so
/// that no call can go out without it, a call for a token included.
/// </summary>
internal sealed class VendorUserAgent(HttpMessageHandler transport) : DelegatingHandler(transport)
{
    private static readonly ProductInfoHeaderValue[] Hub =
    [
        new("IntegrationHub", typeof(VendorUserAgent).Assembly.GetName().Version?.ToString(3)),
        new("(+https://github.com/integration-hub/integration-hub)"),
    ];

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.UserAgent.Clear();
        foreach (var part in Hub)
        {
            request.Headers.UserAgent.Add(part);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
