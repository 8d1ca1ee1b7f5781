using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Whose an attribute is, and how it may change.</summary>
/// <param name="SystemOfRecord">The producer that answers for it: a source's name, another producer of facts, or <c>list:AUDIENCE</c>.</param>
/// <param name="Conflict">What becomes of values of others.</param>
internal sealed record AttributeOwnership(string SystemOfRecord, ConflictRule Conflict)
{
    /// <summary>How it may change once somebody has a value.</summary>
    public AttributeMutability Mutability { get; init; } = AttributeMutability.Mutable;

    /// <summary>What stands between the elements of what only grows.</summary>
    public string Separator { get; init; } = ElementText.UsualSeparator;

    /// <summary>Which way it goes between the hub and its destinations.</summary>
    public Directions Directions { get; init; } = Directions.Unsaid;

    /// <summary>From when on a truth value that goes back and forth is held; null where it is not.</summary>
    public FlappingRule? Flapping { get; init; }

    /// <summary>True when the profile has to be asked what becomes of a statement: the statement alone does not tell it.</summary>
    public bool IsRuled => Mutability != AttributeMutability.Mutable || Conflict == ConflictRule.Flag;

    /// <summary>True when a producer's statement is brought to the profile.</summary>
    public bool Admits(string producer) =>
        Conflict is ConflictRule.Newest or ConflictRule.Flag || Mutability == AttributeMutability.FillEmpty || string.Equals(producer, SystemOfRecord, StringComparison.Ordinal);

    /// <summary>True when a producer's values are taken, the first one at least.</summary>
    public bool Takes(string producer) => Admits(producer) && (Conflict != ConflictRule.Flag || string.Equals(producer, SystemOfRecord, StringComparison.Ordinal));

    /// <summary>True when a producer may state another value as often as it likes, and it counts.</summary>
    public bool MayChange(string producer) => Mutability switch
    {
        AttributeMutability.Mutable => Takes(producer),
        AttributeMutability.FillEmpty => string.Equals(producer, SystemOfRecord, StringComparison.Ordinal),
        _ => false,
    };
}
