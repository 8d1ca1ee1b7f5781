using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Destinations;

/// <summary>What a configuration decides about people for one destination: consent, policy and mapping, compiled. Needs no vendor, so that a configuration can be tried that is not in force. Immutable and thread-safe.</summary>
/// <param name="configuration">What the destination's file says.</param>
/// <param name="hub">The whole configuration.</param>
/// <param name="descriptor">What its connector can do.</param>
/// <param name="time">Clock of its decisions: a grant may end.</param>
internal sealed class DestinationRules(DestinationConfiguration configuration, HubConfiguration hub, ConnectorDescriptor descriptor, TimeProvider time)
{
    private readonly ConsentPolicy _policy = new(hub.Consent);
    private readonly bool _hasEnds = hub.Mappings[configuration.Mapping].Fields.Any(static mapped => mapped.Until is not null);
    private readonly HashSet<string> _added = hub.Mappings[configuration.Mapping].Fields.Where(static field => field is { Owner: FieldOwner.Hub, IsAddedTo: true }).Select(static field => field.To).ToHashSet(StringComparer.Ordinal);
    private OfDay _ofDay = Compile(configuration, hub, descriptor, time.GetUtcNow());

    public string Name => configuration.Name;

    /// <summary>What its connector can do.</summary>
    public ConnectorDescriptor Descriptor => descriptor;

    /// <summary>The mapping of this day.</summary>
    public DestinationMapping Mapping => Today.Mapping;

    /// <summary>What of a person may leave for it, attribute by attribute.</summary>
    public FieldPolicy FieldPolicy { get; } = FieldPolicy.For(hub, configuration);

    /// <summary>Every field of its mapping, also what policy keeps here.</summary>
    public IReadOnlyList<FieldMapping> WrittenFields => hub.Mappings[configuration.Mapping].Fields;

    /// <inheritdoc cref="Destination.MappedFields" />
    public IReadOnlyList<FieldMapping> MappedFields => Today.Fields;

    /// <summary>Truth values that its mapping writes and that are held while they go back and forth, by name of the attribute.</summary>
    public IReadOnlyDictionary<string, FlappingRule> Flapping { get; } = hub.Ownership?.FlappingIn(hub.Mappings.Values)
        .Where(rule => hub.Mappings[configuration.Mapping].Fields.Any(field => field.Owner == FieldOwner.Hub && field.Reads.Contains(rule.Key, StringComparer.Ordinal)))
        .ToDictionary(rule => rule.Key, rule => rule.Value, StringComparer.Ordinal) ?? [];

    /// <summary>The vendor's fields that are only filled where they have no value: what is there has to be read first.</summary>
    public IReadOnlySet<string> FilledFields { get; } = Named(hub.Mappings[configuration.Mapping], FieldMutability.FillEmpty);

    /// <summary>The vendor's fields that are written once to each person: what was written is looked up before.</summary>
    public IReadOnlySet<string> OnceFields { get; } = Named(hub.Mappings[configuration.Mapping], FieldMutability.WriteOnce);

    /// <summary>The vendor's fields of which another value there is no difference: those that are only filled, and those that are written once.</summary>
    public IReadOnlySet<string> UncomparedFields { get; } = Named(hub.Mappings[configuration.Mapping], FieldMutability.FillEmpty, FieldMutability.WriteOnce);

    /// <summary>What a text begins with that is added to what a field of the vendor has; null of a field whose value is written as a whole.</summary>
    public char? AddsWith(string field) => _added.Contains(field) ? descriptor.AddsWith : null;

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

    /// <summary>What was compiled for the day that it is: a field may end with one.</summary>
    private OfDay Today => !_hasEnds || _ofDay.Day == DayOf(time.GetUtcNow()) ? _ofDay : _ofDay = Compile(configuration, hub, descriptor, time.GetUtcNow());

    private static OfDay Compile(DestinationConfiguration configuration, HubConfiguration hub, ConnectorDescriptor descriptor, DateTimeOffset now)
    {
        var (mapping, policy) = (hub.Mappings[configuration.Mapping], FieldPolicy.For(hub, configuration));
        return new OfDay(
            DayOf(now), DestinationMapping.Compile(Apart(mapping, hub.Ownership), descriptor, configuration.IdentityKey, policy, configuration.DefaultCountry, now),
            [.. mapping.Fields.Where(mapped => policy.Decide(mapped).Handling != FieldHandling.Drop && !mapped.IsOver(now))]);
    }

    /// <summary>The mapping with what stands between the elements of what it adds, as the attributes' own rules say it.</summary>
    private static MappingFile Apart(MappingFile mapping, OwnershipRules? ownership) => ownership is null || !mapping.Fields.Any(static field => field.IsAddedTo) ? mapping : mapping with
    {
        Fields = [.. mapping.Fields.Select(field => field is { IsAddedTo: true, Sources: [var attribute] } ? field with { ElementSeparator = ownership.SeparatorOf(attribute) } : field)],
    };

    private static HashSet<string> Named(MappingFile mapping, params FieldMutability[] mutabilities) =>
        mapping.Fields.Where(field => field.Owner == FieldOwner.Hub && mutabilities.Contains(field.Mutability)).Select(static field => field.To).ToHashSet(StringComparer.Ordinal);

    private static DateOnly DayOf(DateTimeOffset now) => DateOnly.FromDateTime(now.UtcDateTime);

    private sealed record OfDay(DateOnly Day, DestinationMapping Mapping, IReadOnlyList<FieldMapping> Fields);
}
