using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage.Renames;

namespace IntegrationHub.Hub.Intake.Webhooks;

/// <summary>
/// The sources of this hub, by any name that one of them had. A hub that has not changed over finds what is called otherwise since, and one that has what the other keeps meanwhile. Pure.
/// </summary>
/// <param name="configuration">What this hub runs.</param>
/// <param name="names">The names that sources had.</param>
internal sealed class KnownSources(HubConfiguration configuration, IReadOnlyDictionary<string, SourceName> names)
{
    /// <summary>The source, with the name that ids of its facts are made of; null when no source of this hub ever had the name.</summary>
    public SourceConfiguration? Find(string name)
    {
        string[] candidates = [name, configuration.FormerNames.OfSource(name), .. names.Keys.Where(other => PresentOf(other) == PresentOf(name)).Order(StringComparer.Ordinal), PresentOf(name)];
        return candidates.Select(candidate => configuration.Sources.GetValueOrDefault(candidate)).FirstOrDefault(source => source is not null) is { } source
            ? source with { NameInIds = names.GetValueOrDefault(source.Name)?.InIds }
            : null;
    }

    private string PresentOf(string name) => names.TryGetValue(name, out var known) ? known.Present : name;
}
