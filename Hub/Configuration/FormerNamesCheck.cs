namespace IntegrationHub.Hub.Configuration;

/// <summary>Checks that no file gives rights to a former name: what its bearer states comes as the present one, so they would hold for nobody.</summary>
internal static class FormerNamesCheck
{
    /// <summary>Checks the files that name audiences' lists and sources.</summary>
    /// <param name="configuration">The whole configuration.</param>
    /// <param name="consent">Root of <c>consent.yaml</c>; null without.</param>
    /// <param name="ownership">Root of <c>ownership.yaml</c>; null without.</param>
    /// <param name="identity">Root of <c>identity.yaml</c>; null without.</param>
    public static void CheckLines(HubConfiguration configuration, YamlSection? consent, YamlSection? ownership, YamlSection? identity)
    {
        foreach (var (former, audience) in configuration.FormerNames.Audiences)
        {
            var (list, next) = (ConsentSource.ListOf(former), ConsentSource.ListOf(audience));
            if (IsNamed(configuration.Consent, list))
            {
                consent!.Fail("sources", $"{list} is named, and the audience is called {audience} since: its lists state as {next}.", $"Write {next}.");
            }
        }

        foreach (var (former, source) in configuration.FormerNames.Sources)
        {
            if (IsNamed(configuration.Consent, former))
            {
                Fail(consent!, "sources", former, source);
            }

            foreach (var attribute in configuration.Ownership?.Attributes.Where(owned => owned.Value.SystemOfRecord == former).Select(owned => owned.Key) ?? [])
            {
                Fail(ownership!.Section("attributes")!.Section(attribute)!, "system_of_record", former, source);
            }

            if (configuration.Ownership?.Shadows.Any(shadow => shadow.Key == former || shadow.Value == former) is true)
            {
                Fail(ownership!, "shadows", former, source);
            }

            if (configuration.Identity.Authoritative.Contains(former))
            {
                Fail(identity!, "sources", former, source);
            }
        }
    }

    private static void Fail(YamlSection section, string key, string former, string source) =>
        section.Fail(key, $"{former} is named, and the source is called {source} since: what it states comes as {source}.", $"Write {source}.");

    private static bool IsNamed(ConsentRules rules, string name) => rules.Sources?.Any(source => source.Name == name || source.Producers.Contains(name)) is true;
}
