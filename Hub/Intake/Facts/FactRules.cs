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

    /// <summary>Present names of sources by the former ones, under which facts may still be stated.</summary>
    public IReadOnlyDictionary<string, string> FormerSources { get; init; } = new Dictionary<string, string>();

    /// <summary>What the ledger of this hub still calls sources by their present names; empty but in a hub that has not changed over since they were called otherwise.</summary>
    public IReadOnlyDictionary<string, string> Speakers { get; init; } = new Dictionary<string, string>();

    /// <summary>How older versions become newer ones.</summary>
    public Upcasters Upcasters { get; init; } = Upcasters.Shipped;

    /// <summary>The rules of a configuration: a source is the producer of its facts.</summary>
    public static FactRules Of(HubConfiguration configuration) => new()
    {
        Ownership = configuration.Ownership,
        FormerSources = configuration.FormerNames.Sources,
        UnplannedOfProducers = configuration.Sources.Values.Where(source => source.Unplanned is not null).ToDictionary(source => source.Name, source => source.Unplanned!.Value, StringComparer.Ordinal),
        UnplannedOfTypes = configuration.Facts.Values.Where(type => type.Unplanned is not null).ToDictionary(type => type.Type, type => type.Unplanned!.Value, StringComparer.Ordinal),
    };

    /// <summary>The same rules in a hub that has not changed over yet.</summary>
    /// <param name="renamed">Sources that were called otherwise since: what this hub calls each, and its present name.</param>
    public FactRules Behind(IReadOnlyList<(string From, string To)> renamed) => renamed.Count == 0 ? this : this with
    {
        FormerSources = FormerSources.Concat(renamed.Select(one => KeyValuePair.Create(one.From, one.To))).DistinctBy(one => one.Key).ToDictionary(StringComparer.Ordinal),
        Speakers = renamed.ToDictionary(one => one.To, one => one.From, StringComparer.Ordinal),
    };

    /// <summary>The present name of a producer, or of a source of consent.</summary>
    public string PresentName(string name) => FormerSources.GetValueOrDefault(name, name);

    /// <summary>The fact with the sources of its decisions by their present names.</summary>
    public LedgerFact ByPresentNames(LedgerFact fact) => fact with
    {
        Speaker = Speakers.GetValueOrDefault(fact.Producer),
        Consents = fact.Consents.Any(consent => FormerSources.ContainsKey(consent.Source)) ? [.. fact.Consents.Select(consent => consent with { Source = PresentName(consent.Source) })] : fact.Consents,
    };

    /// <summary>What becomes of unplanned properties of a fact.</summary>
    public UnplannedProperty UnplannedOf(LedgerFact fact) =>
        UnplannedOfProducers.TryGetValue(fact.Producer, out var ofProducer) ? ofProducer : UnplannedOfTypes.GetValueOrDefault(fact.EventType);
}
