using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Storage.Verification;

namespace IntegrationHub.Hub.Delivery;

/// <summary>A configured destination at work: its connector, compiled mapping and consent rule.</summary>
internal sealed class Destination(DestinationConfiguration configuration, HubConfiguration hub, IConnector connector) : IDisposable
{
    private readonly FieldMapping _identity = hub.Mappings[configuration.Mapping].Fields.First(field => field.To == configuration.IdentityKey);

    public string Name => configuration.Name;

    public IConnector Connector { get; } = connector;

    public DestinationMapping Mapping { get; } = DestinationMapping.Compile(hub.Mappings[configuration.Mapping], connector.Descriptor, configuration.IdentityKey);

    /// <summary>Batches that this instance may have in flight at the vendor.</summary>
    public SemaphoreSlim Slots { get; } = new(connector.Descriptor.MaxConcurrency, connector.Descriptor.MaxConcurrency);

    /// <summary>Changes when the same person may have to look different at the destination: mapping, consent policy or purposes.</summary>
    public string PlanVersion => field ??= string.Join('/', [Mapping.Version, hub.Consent.Version, .. configuration.Purposes]);

    /// <summary>Where the identity key comes from: <c>external_id</c> or <c>email</c>.</summary>
    public string IdentityKeyKind => _identity.From;

    /// <summary>May this person's record leave for the destination?</summary>
    public ConsentDecision Decide(string consentJson) => hub.Consent.Decide(configuration.Purposes, consentJson);

    /// <summary>Value of the identity key, normalised as the connector compares it; null when the person has none.</summary>
    public string? KeyOf(string? externalId, string? email)
    {
        var key = (IdentityKeyKind == "email" ? email : externalId)?.Trim();
        return string.IsNullOrEmpty(key) ? null : Connector.Descriptor.KeysAreCaseInsensitive ? key.ToLowerInvariant() : key;
    }

    /// <inheritdoc cref="KeyOf(string?, string?)" />
    public string? KeyOf(ExpectedMember member) => KeyOf(member.ExternalId, member.Email);

    /// <summary>What to ask the connector for so that it finds or makes the vendor's side of an audience.</summary>
    public AudienceRequest AudienceRequest(string audience) => configuration.RequestFor(hub.Audiences[audience]);

    public void Dispose()
    {
        Slots.Dispose();
        (Connector as IDisposable)?.Dispose();
    }
}
