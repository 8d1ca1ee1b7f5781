using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Destinations;

/// <summary>What a configuration decides about people for one destination: consent, policy and mapping, compiled. Needs no vendor, so that a configuration can be tried that is not in force. Immutable and thread-safe.</summary>
/// <param name="configuration">What the destination's file says.</param>
/// <param name="hub">The whole configuration.</param>
/// <param name="descriptor">What its connector can do.</param>
/// <param name="time">Clock of its decisions: a grant may end.</param>
internal sealed class DestinationRules(DestinationConfiguration configuration, HubConfiguration hub, ConnectorDescriptor descriptor, TimeProvider time)
{
    private readonly ConsentPolicy _policy = new(hub.Consent);
    private readonly FieldMapping[] _leaving = [.. hub.Mappings[configuration.Mapping].Fields.Where(mapped => FieldPolicy.For(hub, configuration).Decide(mapped).Handling != FieldHandling.Drop)];
    private readonly bool _hasEnds = hub.Mappings[configuration.Mapping].Fields.Any(static mapped => mapped.Until is not null);

    public string Name => configuration.Name;

    /// <summary>What its connector can do.</summary>
    public ConnectorDescriptor Descriptor => descriptor;

    public DestinationMapping Mapping { get; } = DestinationMapping.Compile(
        hub.Mappings[configuration.Mapping], descriptor, configuration.IdentityKey, FieldPolicy.For(hub, configuration), configuration.DefaultCountry, time);

    /// <summary>What of a person may leave for it, attribute by attribute.</summary>
    public FieldPolicy FieldPolicy { get; } = FieldPolicy.For(hub, configuration);

    /// <summary>Every field of its mapping, also what policy keeps here.</summary>
    public IReadOnlyList<FieldMapping> WrittenFields => hub.Mappings[configuration.Mapping].Fields;

    /// <inheritdoc cref="Destination.MappedFields" />
    public IReadOnlyList<FieldMapping> MappedFields => _hasEnds ? [.. _leaving.Where(mapped => !mapped.IsOver(time.GetUtcNow()))] : _leaving;

    /// <summary>What it is owed when two people turn out to be one.</summary>
    public MergeRule OnMerge => configuration.OnMerge;

    /// <summary>The purposes that must all allow what is sent to it.</summary>
    public IReadOnlyList<string> Purposes => configuration.Purposes;

    /// <summary>Changes when the same person may have to look different at the destination: mapping, consent policy or purposes.</summary>
    public string PlanVersion => field ??= string.Join('/', [Mapping.Version, hub.Consent.Version, .. configuration.Purposes]);

    /// <summary>May this person's record leave for the destination now?</summary>
    public ConsentDecision Decide(string consentJson) => Decide(configuration.Purposes, consentJson);

    /// <summary>May what is of some purposes leave now?</summary>
    public ConsentDecision Decide(IReadOnlyList<string> purposes, string consentJson) => _policy.Decide(purposes, consentJson, time.GetUtcNow());

    /// <summary>True when a grant may end by itself between two decisions.</summary>
    public bool GrantsEnd(string consentJson) => _policy.GrantsEnd || StoredConsent.HasEnds(consentJson);

    /// <inheritdoc cref="DestinationMapping.KeyOf" />
    public string? KeyOf(string? externalId, string? email) => Mapping.KeyOf(externalId, email);
}
