using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>A statement on its way into the ledger. Holds personal data.</summary>
/// <param name="Keys">The keys that it names, in any order.</param>
/// <param name="Profile">What it says.</param>
/// <param name="MayCreate">Somebody unknown gets a profile by it.</param>
/// <param name="NeedsPerson">It is of no use while nobody can be told by its keys.</param>
internal readonly record struct SubjectStatement(IReadOnlyList<PersonKey> Keys, ProfileStatement Profile, bool MayCreate, bool NeedsPerson)
{
    /// <summary>All that the log says under the keys, which is what has to stand; null for a statement of its own.</summary>
    public ProfileContent? Log { get; init; }
}
