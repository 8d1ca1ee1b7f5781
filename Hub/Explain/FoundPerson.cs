using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Explain;

/// <summary>Whom a key means, or why nobody can be told. Holds personal data.</summary>
/// <param name="ProfileId">The profile that shows the person; null when nobody is found.</param>
/// <param name="Tried">The keys that were looked for, in their normal form, in their order.</param>
internal sealed record FoundPerson(long? ProfileId, IReadOnlyList<PersonKey> Tried)
{
    /// <summary>What is known of who the person is; null when nobody ever stated a key of theirs.</summary>
    public PersonFile? File { get; init; }

    /// <summary>Why nobody is found; null when somebody is.</summary>
    public StepJson? Refusal { get; init; }
}
