using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>What an installation decides about facts that depart from their contract, and how facts of older versions are read.</summary>
internal sealed record FactRules
{
    /// <summary>What holds where nobody said anything.</summary>
    public static readonly FactRules Default = new();

    /// <summary>What becomes of unplanned properties, by producer; goes before <see cref="UnplannedOfTypes"/>.</summary>
    public IReadOnlyDictionary<string, UnplannedProperty> UnplannedOfProducers { get; init; } = new Dictionary<string, UnplannedProperty>();

    /// <summary>The same by event type; <see cref="UnplannedProperty.Omit"/> for all others.</summary>
    public IReadOnlyDictionary<string, UnplannedProperty> UnplannedOfTypes { get; init; } = new Dictionary<string, UnplannedProperty>();

    /// <summary>Whose attributes are; null where nobody said it.</summary>
    public OwnershipRules? Ownership { get; init; }

    /// <summary>How older versions become newer ones.</summary>
    public Upcasters Upcasters { get; init; } = Upcasters.Shipped;

    /// <summary>The rules of a configuration: a source is the producer of its facts.</summary>
    public static FactRules Of(HubConfiguration configuration) => new()
    {
        Ownership = configuration.Ownership,
        UnplannedOfProducers = configuration.Sources.Values.Where(source => source.Unplanned is not null).ToDictionary(source => source.Name, source => source.Unplanned!.Value, StringComparer.Ordinal),
        UnplannedOfTypes = configuration.Facts.Values.Where(type => type.Unplanned is not null).ToDictionary(type => type.Type, type => type.Unplanned!.Value, StringComparer.Ordinal),
    };

    /// <summary>What becomes of unplanned properties of a fact.</summary>
    public UnplannedProperty UnplannedOf(LedgerFact fact) =>
        UnplannedOfProducers.TryGetValue(fact.Producer, out var ofProducer) ? ofProducer : UnplannedOfTypes.GetValueOrDefault(fact.EventType);
}
