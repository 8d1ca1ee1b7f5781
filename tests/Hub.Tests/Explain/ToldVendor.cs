using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Tests.Delivery;

namespace IntegrationHub.Hub.Tests.Explain;

/// <summary>A vendor that shows what the test says.</summary>
internal sealed class ToldVendor : IConnector, IProfileReading
{
    /// <summary>Whom it shows.</summary>
    public IReadOnlyList<RemoteProfile> Profiles { get; set; } = [];

    /// <summary>What it answers instead, or null.</summary>
    public DestinationCondition? Trouble { get; set; }

    public ConnectorDescriptor Descriptor => Acme.Descriptor;

    public int MaxKeysPerRead => 10;

    public Task<IReadOnlyList<RemoteProfile>> ReadProfilesAsync(IReadOnlyList<string> keys, IReadOnlyList<string> fields, CancellationToken cancellationToken) =>
        Trouble is { } trouble ? throw new DestinationException(trouble) : Task.FromResult<IReadOnlyList<RemoteProfile>>([.. Profiles.Where(profile => keys.Contains(profile.Key))]);

    public Task<DestinationCondition?> CheckAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<EnsureAudienceResult> EnsureAudienceAsync(AudienceRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Receipt> DeliverAsync(Batch batch, CancellationToken cancellationToken) => throw new NotSupportedException();
}
