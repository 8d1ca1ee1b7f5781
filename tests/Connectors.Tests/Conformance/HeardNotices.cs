using System.Collections.Concurrent;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Abstractions.Notices;

namespace Connectors.Tests.Conformance;

/// <summary>Keeps what a connector tells of its vendor's words.</summary>
internal sealed class HeardNotices : IVendorNotices
{
    private readonly ConcurrentQueue<(VendorEndpoint Endpoint, VendorNotice Notice)> _all = [];

    public IReadOnlyCollection<(VendorEndpoint Endpoint, VendorNotice Notice)> All => _all;

    public void Take(VendorEndpoint endpoint, VendorNotice notice) => _all.Enqueue((endpoint, notice));
}
