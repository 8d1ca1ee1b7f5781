using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Mapping;

/// <summary>What a destination should look like for one person. Holds personal data: never log it.</summary>
internal readonly record struct MappedRecord
{
    /// <summary>Value of the identity key, as the company spells it; null when <see cref="Rejection"/> is set.</summary>
    public string? Key { get; init; }

    /// <summary>Fields to write, without the identity key, in the order of the mapping; empty when <see cref="Rejection"/> is set.</summary>
    public required IReadOnlyList<Field> Fields { get; init; }

    /// <summary>128-bit hash of key and fields: the same on every machine and in every process; empty when <see cref="Rejection"/> is set.</summary>
    public Guid ContentHash { get; init; }

    /// <summary>Why the record cannot be sent, or null.</summary>
    public MappingIssue? Rejection { get; init; }

    /// <summary>Fields that were left out because their values cannot be turned; empty for most.</summary>
    public required IReadOnlyList<MappingIssue> Dropped { get; init; }

    /// <summary>The vendor's fields that were left out, although there is a value, because no line of policy lets it leave; empty for most.</summary>
    public required IReadOnlyList<string> Withheld { get; init; }
}

/// <summary>A value that cannot be sent: where and why, never the value.</summary>
/// <param name="Code">Stable reason code in snake_case.</param>
/// <param name="Field">The vendor's field.</param>
internal sealed record MappingIssue(string Code, string Field);
