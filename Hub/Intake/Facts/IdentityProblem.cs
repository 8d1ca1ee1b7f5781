using IntegrationHub.Hub.Runs;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>Says why nobody can be told by a fact's keys; continues a sentence that begins with the path, and holds no key in full. Pure.</summary>
internal static class IdentityProblem
{
    private const int MostCandidates = 5;

    public static string Of(LedgerFact fact, IReadOnlyList<PersonKey> candidates)
    {
        var kinds = string.Join(" and ", fact.Keys.Select(key => PersonKey.WordOf(key.Kind)));
        if (candidates.Count == 0)
        {
            return $"names nobody: its {kinds} joins nobody, by a rule, a decision or because too many people share it; name external_id";
        }

        var masked = string.Join(", ", candidates.Take(MostCandidates).Select(key => $"{PersonKey.WordOf(key.Kind)} {MaskedKey.Of(key.Value)}"));
        return $"may be one of several people: its {kinds} is claimed by {masked}{(candidates.Count > MostCandidates ? " and others" : "")}; name external_id";
    }
}
