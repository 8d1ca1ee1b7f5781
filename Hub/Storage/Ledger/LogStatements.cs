using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>What facts of the log say together, as statements: of each set of keys all that was stated under it, and of each membership the one that wins. Pure.</summary>
internal static class LogStatements
{
    /// <summary>One statement per set of keys, whatever the order of the facts.</summary>
    /// <param name="facts">The facts.</param>
    /// <param name="telling">The keys of a fact that tell people, by precedence.</param>
    /// <param name="rules">Attributes of which not simply the latest statement counts.</param>
    public static List<SubjectStatement> Of(IEnumerable<LedgerFact> facts, Func<IEnumerable<PersonKey>, PersonKey[]> telling, AttributeRules rules)
    {
        var parts = new SortedDictionary<PartKey, ProfileContent>();
        foreach (var fact in facts.Where(fact => fact.AttributesJson is not null))
        {
            if (telling(fact.Keys) is { Length: > 0 } keys)
            {
                var part = PartKey.Of(keys);
                parts[part] = ProfileMerge.Merge(parts.GetValueOrDefault(part), fact.Profile, rules).Content;
            }
        }

        return [.. parts.Select(part => new SubjectStatement([.. part.Key.Keys], new ProfileStatement(null, null, null, part.Value.OccurredAt), MayCreate: true, NeedsPerson: false) { Log = part.Value })];
    }
}
