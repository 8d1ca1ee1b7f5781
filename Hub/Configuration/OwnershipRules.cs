using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Configuration;

/// <summary>What <c>ownership.yaml</c> says: whose attributes are.</summary>
/// <param name="Attributes">Whose they are, by canonical name; what is not named is changed by whoever states it last.</param>
internal sealed record OwnershipRules(IReadOnlyDictionary<string, AttributeOwnership> Attributes)
{
    /// <summary>Why a value was not taken: it belongs to another source.</summary>
    public const string NotOwner = Violation.NotOwner;

    /// <summary>The sources that only shadow another one, with the one that each shadows: what they state is compared, and does not count.</summary>
    public IReadOnlyDictionary<string, string> Shadows { get; init; } = new Dictionary<string, string>();

    /// <summary>The destinations whose vendors speak as producers, by name of the producer.</summary>
    public IReadOnlyDictionary<string, string> Vendors { get; init; } = new Dictionary<string, string>();

    /// <summary>True when a producer may change an attribute.</summary>
    public bool Admits(string attribute, string producer) => WhyNot(attribute, producer) is null;

    /// <summary>Why a producer may not change an attribute, a kind of <see cref="Violation"/>; null when it may. A shadow is asked in the place of the source that it shadows.</summary>
    public string? WhyNot(string attribute, string producer) => !Attributes.TryGetValue(attribute, out var owned) ? null
        : !owned.Admits(Shadows.GetValueOrDefault(producer, producer)) ? Violation.NotOwner
        : Vendors.TryGetValue(producer, out var destination) && owned.Directions.Of(destination) == Direction.Out ? Violation.Direction
        : null;

    /// <summary>True when an attribute only comes in from a destination, so that nothing that is made of it is written there.</summary>
    public bool OnlyComesInFrom(string destination, string attribute) => Attributes.TryGetValue(attribute, out var owned) && owned.Directions.Of(destination) == Direction.In;

    /// <summary>What stands between the elements of an attribute's value.</summary>
    public string SeparatorOf(string attribute) => Attributes.TryGetValue(attribute, out var owned) ? owned.Separator : ElementText.UsualSeparator;

    /// <summary>Truth values that are held while they go back and forth, by name of the attribute.</summary>
    public IReadOnlyDictionary<string, FlappingRule> Flapping => Attributes.Where(static owned => owned.Value.Flapping is not null).ToDictionary(static owned => owned.Key, static owned => owned.Value.Flapping!, StringComparer.Ordinal);

    /// <summary>What the ledger goes by, as far as the file says it: the attributes of which not simply the latest admitted statement counts, and those that are held while they go back and forth.</summary>
    public AttributeRules InLedger => Rules(new Dictionary<string, string>(), Flapping);

    /// <summary>The same, with the words by which all fields of truth values that are made of an attribute read it.</summary>
    public IReadOnlyDictionary<string, FlappingRule> FlappingIn(IEnumerable<MappingFile> mappings)
    {
        var fields = mappings.SelectMany(static mapping => mapping.Fields).Where(static field => field.Type == MappedType.Boolean).ToList();
        return Flapping.ToDictionary(static rule => rule.Key, rule => rule.Value with { Words = WordsOf([.. fields.Where(field => field.Reads.Contains(rule.Key, StringComparer.Ordinal))]) }, StringComparer.Ordinal);
    }

    private static TruthWords WordsOf(IReadOnlyList<FieldMapping> fields) => fields.Count == 0 ? TruthWords.Usual : new TruthWords(
        fields.Select(static field => field.TrueWords).Aggregate(static (one, other) => [.. one.Intersect(other, StringComparer.OrdinalIgnoreCase)]),
        fields.Select(static field => field.FalseWords).Aggregate(static (one, other) => [.. one.Intersect(other, StringComparer.OrdinalIgnoreCase)]));

    /// <summary>What the ledger goes by, the vendors too that speak as producers.</summary>
    public static AttributeRules InLedgerOf(HubConfiguration configuration)
    {
        var ownership = configuration.Ownership ?? new OwnershipRules(new Dictionary<string, AttributeOwnership>());
        return ownership.Rules(VendorsOf(configuration), ownership.FlappingIn(configuration.Mappings.Values));
    }

    /// <summary>The destinations whose vendors speak as producers: each as itself, and as the source whose file names it.</summary>
    public static IReadOnlyDictionary<string, string> VendorsOf(HubConfiguration configuration)
    {
        var vendors = configuration.Destinations.Keys.ToDictionary(ConsentSource.OfVendor, static destination => destination, StringComparer.Ordinal);
        foreach (var (source, about) in configuration.Sources.Where(static source => source.Value.Destination is not null))
        {
            vendors[source] = about.Destination!;
        }

        return vendors;
    }

    private AttributeRules Rules(IReadOnlyDictionary<string, string> vendors, IReadOnlyDictionary<string, FlappingRule> flapping) => new(Attributes.Where(static owned => owned.Value.IsRuled)
        .ToDictionary(static owned => owned.Key, static owned => new AttributeRule(owned.Value.SystemOfRecord, owned.Value.Mutability, owned.Value.Conflict == ConflictRule.Flag) { Separator = owned.Value.Separator }, StringComparer.Ordinal))
    { Flapping = flapping, Vendors = vendors };

    /// <summary>The attributes of a list that belong to somebody else.</summary>
    public IEnumerable<string> ForeignTo(AudienceConfiguration audience) => audience.Columns
        .Where(static column => column.Role == ColumnRole.Attribute)
        .Select(static column => column.Attribute!)
        .Where(attribute => !Admits(attribute, ConsentSource.ListOf(audience.Key)))
        .Distinct(StringComparer.Ordinal);

    /// <summary>The audience as its lists are read: columns of what belongs to somebody else are passed over.</summary>
    public AudienceConfiguration OwnedBy(AudienceConfiguration audience) => audience with
    {
        Columns = [.. audience.Columns.Select(column => column.Role == ColumnRole.Attribute && !Admits(column.Attribute!, ConsentSource.ListOf(audience.Key)) ? column with { Role = ColumnRole.Ignored, Attribute = null } : column)],
    };
}
