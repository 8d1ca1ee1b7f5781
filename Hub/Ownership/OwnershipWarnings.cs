using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Ownership;

/// <summary>What is allowed in a configuration and may not be meant, as far as it concerns whose attributes are. Pure.</summary>
internal static class OwnershipWarnings
{
    /// <summary>One sentence each, with what to write; empty when there is nothing to say.</summary>
    public static IReadOnlyList<string> Of(HubConfiguration configuration)
    {
        if (configuration.Ownership is not { } ownership)
        {
            return [];
        }

        var sources = configuration.Sources.Keys.ToList();
        var lists = configuration.Audiences.Keys.Select(ConsentSource.ListOf).ToList();
        var vendors = configuration.Destinations.Keys.Select(ConsentSource.OfVendor).ToList();
        List<string> warnings = [];
        foreach (var owned in ownership.Attributes.GroupBy(owned => owned.Value.SystemOfRecord, owned => owned.Key, StringComparer.Ordinal).Where(owned => !sources.Concat(lists).Concat(vendors).Contains(owned.Key, StringComparer.Ordinal)).OrderBy(owned => owned.Key, StringComparer.Ordinal))
        {
            warnings.Add($"ownership.yaml: {owned.Key}, the system of record of {string.Join(", ", owned.Order(StringComparer.Ordinal))}, is no source of sources/*.yaml and no list: its facts have to name it as their producer. {Spelling.Hint(owned.Key, sources.Concat(lists))}Where nobody calls itself so, nobody can change what it owns.");
        }

        foreach (var audience in configuration.Audiences.Values.OrderBy(static audience => audience.Key, StringComparer.Ordinal))
        {
            if (ownership.ForeignTo(audience).ToList() is { Count: > 0 } foreign)
            {
                warnings.Add($"audiences/{audience.Key}.yaml: its lists bring {string.Join(", ", foreign)}, which {(foreign.Count == 1 ? "belongs" : "belong")} to {string.Join(" and ", foreign.Select(attribute => ownership.Attributes[attribute].SystemOfRecord).Distinct(StringComparer.Ordinal))} by ownership.yaml: not taken. Ignore the columns, or write system_of_record: {ConsentSource.ListOf(audience.Key)} or conflict: newest.");
            }
        }

        return warnings;
    }
}
