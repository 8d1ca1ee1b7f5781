using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Versions;

namespace IntegrationHub.Hub.Shadows;

/// <summary>What a change of the configuration means for shadows. Pure.</summary>
internal static class ShadowChanges
{
    /// <summary>A shadow counts from then on, and the source that counted shadows it.</summary>
    public const string CutOver = "cut_over";

    /// <summary>A source that counted, or was none, shadows another one from then on.</summary>
    public const string Added = "shadow_added";

    /// <summary>A shadow is none any more, and nobody took its place.</summary>
    public const string Removed = "shadow_removed";

    /// <summary>The shadows that change places with the source that counts, by name.</summary>
    public static IReadOnlyList<string> TakenOver(IReadOnlyDictionary<string, string> before, HubConfiguration after) =>
        [.. before.Keys.Where(source => Of(after).Values.Contains(source, StringComparer.Ordinal) && !Of(after).ContainsKey(source)).Order(StringComparer.Ordinal)];

    /// <summary>What newly counts, and so may newly leave.</summary>
    public static IEnumerable<ConfigurationFinding> Widening(HubConfiguration before, HubConfiguration after) =>
        from source in TakenOver(Of(before), after)
        select new ConfigurationFinding(CutOver, source, $"{source} counts from then on, and {string.Join(", ", Of(after).Where(shadow => shadow.Value == source).Select(shadow => shadow.Key))} shadows it: what {source} stated as a shadow is taken over ('compare {source}' tells what differs). The same change taken back brings back what counted.");

    /// <summary>What ends, or counts no more.</summary>
    public static IEnumerable<ConfigurationFinding> Breaking(HubConfiguration before, HubConfiguration after)
    {
        var (was, stands, taken) = (Of(before), Of(after), TakenOver(Of(before), after));
        foreach (var (source, shadowed) in stands.Where(shadow => !was.ContainsKey(shadow.Key) && !taken.Contains(shadow.Value)).OrderBy(shadow => shadow.Key, StringComparer.Ordinal))
        {
            yield return new ConfigurationFinding(Added, source, $"{source} shadows {shadowed} from then on: what it states is compared and counts no more, but for what it denies. What it stated before stays.");
        }

        foreach (var source in was.Keys.Except(stands.Keys).Except(taken).Order(StringComparer.Ordinal))
        {
            yield return new ConfigurationFinding(Removed, source, $"{source} is no shadow any more: what it stated as one is forgotten, and what it states from then on counts. To take over what it stated, let {was[source]} shadow it.");
        }
    }

    private static IReadOnlyDictionary<string, string> Of(HubConfiguration configuration) => configuration.Ownership?.Shadows ?? new Dictionary<string, string>();
}
