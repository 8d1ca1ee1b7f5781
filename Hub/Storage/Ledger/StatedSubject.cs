using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Whom a statement was taken to be about. Personal data.</summary>
/// <param name="ProfileId">The profile, or 0.</param>
/// <param name="Contested">Set when nobody could be told although somebody had to be: who claims the keys, by their first keys; none when all keys are blocked.</param>
internal readonly record struct StatedSubject(long ProfileId, IReadOnlyList<PersonKey>? Contested)
{
    /// <summary>The profile that the statement names by its primary key, when another one shows the person; else 0.</summary>
    public long NamedProfileId { get; init; }

    /// <summary>What it says that is kept from being changed; empty for nothing.</summary>
    public IReadOnlyList<RefusedAttribute> Refused { get => field ?? []; init; }
}
