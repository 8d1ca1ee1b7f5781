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
        return warnings;
    }
}
