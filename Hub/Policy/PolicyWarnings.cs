using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Policy;

/// <summary>What is allowed in a configuration and may not be meant, as far as it concerns what leaves. Pure.</summary>
internal static class PolicyWarnings
{
    /// <summary>One sentence each, with what to write; empty when there is nothing to say.</summary>
    public static IReadOnlyList<string> Of(HubConfiguration configuration)
    {
        var classes = Classifications.Of(configuration);
        string[] unclassified = [.. configuration.Mappings.Values.SelectMany(static mapping => mapping.Fields).SelectMany(static field => field.Sources).Where(from => classes.Said(from) is null).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        List<string> warnings = unclassified.Length == 0
            ? []
            : [$"Nobody classified {string.Join(", ", unclassified)}: taken to be personal. Write public, personal or sensitive for each under attributes of policy.yaml, or as classification in the mapping."];
        string[] sensitive = configuration.Policy is not null ? [] : [.. configuration.Mappings.Values.SelectMany(static mapping => mapping.Fields).SelectMany(static field => field.Sources).Where(from => classes.Of(from) == FieldClassification.Sensitive).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (sensitive.Length > 0)
        {
            warnings.Add($"Mappings send {string.Join(", ", sensitive)}, which {(sensitive.Length == 1 ? "is" : "are")} sensitive, and there is no policy.yaml that says for whom and what for. Write one, with send, hash or drop for each under destinations: NAME: PURPOSE.");
        }

        foreach (var destination in configuration.Destinations.Values.OrderBy(static destination => destination.Name, StringComparer.Ordinal))
        {
            var policy = FieldPolicy.For(configuration, destination);
            string[] withheld =
            [
                .. configuration.Mappings[destination.Mapping].Fields.Where(static field => field.Owner == FieldOwner.Hub).SelectMany(static field => field.Sources).Where(from => policy.Decide(from).IsWithheld)
                    .Concat(destination.Events.Values.SelectMany(static told => told.Properties.Keys).Where(property => policy.DecideProperty(property).IsWithheld))
                    .Distinct(StringComparer.Ordinal),
            ];
            if (withheld.Length > 0)
            {
                warnings.Add($"destinations/{destination.Name}.yaml: {string.Join(", ", withheld)} would be sent and no line of policy.yaml lets {(withheld.Length == 1 ? "it" : "them")} leave for {string.Join(" and ", destination.Purposes)}: withheld, and every record says so. Write send, hash or drop for each under destinations: {destination.Name}, or do not map it.");
            }
        }

        return warnings;
    }
}
