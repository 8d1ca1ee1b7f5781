using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Consent;

/// <summary>What is allowed in a configuration and may not be meant, as far as consent is concerned. Pure.</summary>
internal static class ConsentWarnings
{
    /// <summary>One sentence each, with what to write; empty when there is nothing to say.</summary>
    public static IReadOnlyList<string> Of(HubConfiguration configuration)
    {
        var authority = ConsentAuthority.Of(configuration);
        List<string> warnings = configuration.Consent.Sources is null
            ? ["consent.yaml: everybody who states facts may grant consent, since it has no sources. Write sources: { preference-center: { may: [grant, deny] }, \"*\": { may: [deny] } } with the source where people decide."]
            : [];
        warnings.AddRange(
            from audience in configuration.Audiences.Values.OrderBy(audience => audience.Key, StringComparer.Ordinal)
            where audience.Columns.Any(column => column.Role == ColumnRole.Consent)
            let list = ConsentSource.ListOf(audience.Key)
            where !authority.MayGrant(list, list)
            select $"audiences/{audience.Key}.yaml: only the no of its columns of consent counts. Write \"{list}\": {{ may: [grant, deny] }} under sources in consent.yaml if its yes counts too.");
        warnings.AddRange(
            from audience in configuration.Audiences.Values.OrderBy(audience => audience.Key, StringComparer.Ordinal)
            let list = ConsentSource.ListOf(audience.Key)
            where authority.MayGrant(list, list)
            from column in audience.Columns
            where column.Role == ColumnRole.Consent
            from purpose in configuration.Consent.Purposes
            where purpose.Name == column.Attribute
            let asking = purpose.Rules.Where(rule => rule.Granted && !rule.Unknown && (rule.Expires is not null || rule.NeedsEvidence)).Select(rule => rule.Name).ToList()
            where asking.Count > 0
            select $"audiences/{audience.Key}.yaml: the yes of its column {column.Header} counts nowhere by the rules {string.Join(", ", asking)} of {purpose.Name}: a list says neither when somebody agreed nor what shows it. Load such grants with 'consent load', which takes decided_at and evidence_ref.");
        return warnings;
    }
}
