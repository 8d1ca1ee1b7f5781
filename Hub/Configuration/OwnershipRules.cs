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

    /// <summary>True when a producer may change an attribute; a shadow is asked in the place of the source that it shadows.</summary>
    public bool Admits(string attribute, string producer) => !Attributes.TryGetValue(attribute, out var owned) || owned.Admits(Shadows.GetValueOrDefault(producer, producer));

    /// <summary>What the ledger goes by: the attributes of which not simply the latest admitted statement counts.</summary>
    public AttributeRules InLedger => new(Attributes.Where(static owned => owned.Value.IsRuled)
        .ToDictionary(static owned => owned.Key, static owned => new AttributeRule(owned.Value.SystemOfRecord, owned.Value.Mutability, owned.Value.Conflict == ConflictRule.Flag), StringComparer.Ordinal));

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
