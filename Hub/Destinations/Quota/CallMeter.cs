using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>Counts the calls that a gate lets through, for work that may take a share of the quota only.</summary>
/// <param name="gate">The gate.</param>
internal sealed class CallMeter(ICallGate gate) : ICallGate
{
    private long _calls;

    /// <inheritdoc />
    public async ValueTask<CallPermit> EnterAsync(VendorEndpoint endpoint, CancellationToken cancellationToken)
    {
        var permit = await gate.EnterAsync(endpoint, cancellationToken);
        if (permit.Refusal is null)
        {
            Interlocked.Increment(ref _calls);
        }

        return permit;
    }

    /// <summary>The calls since it was asked last.</summary>
    public long Take() => Interlocked.Exchange(ref _calls, 0);
}
