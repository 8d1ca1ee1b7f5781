using IntegrationHub.Hub.Configuration;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Consent;

/// <summary>
/// Whose grants count. The right to grant is the source's, and only as far as the producer of the fact may speak for it: one that is named as a source itself
/// is bound by its own rights too, and nobody grants in the name of a destination. A denial counts from everybody and is never asked about. Pure.
/// </summary>
/// <param name="rules">What <c>consent.yaml</c> says.</param>
/// <param name="destinations">Names of the destinations: what a vendor says can only deny.</param>
internal sealed class ConsentAuthority(ConsentRules rules, IEnumerable<string> destinations)
{
    /// <summary>The reason code of a grant that does not count.</summary>
    public const string Refused = "source_may_not_grant";

    private readonly HashSet<string> _vendors = new(destinations, StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ConsentSource>? _sources = rules.Sources?.ToDictionary(source => source.Name, StringComparer.OrdinalIgnoreCase);
    private readonly string[] _purposes = [.. rules.Purposes.Select(purpose => purpose.Name)];

    /// <summary>The authority that a configuration gives.</summary>
    public static ConsentAuthority Of(HubConfiguration configuration) => new(configuration.Consent, configuration.Destinations.Keys);

    /// <summary>All purposes that there are.</summary>
    public IReadOnlyCollection<string> Purposes => _purposes;

    /// <summary>The purpose that a fact means: one of those that there are, but for capitals and blanks around it; else the name as it is.</summary>
    /// <param name="name">The purpose as the fact names it.</param>
    /// <param name="purposes">All purposes that there are.</param>
    public static string PurposeOf(string name, IReadOnlyCollection<string> purposes) => purposes.Contains(name) ? name
        : purposes.FirstOrDefault(purpose => InvisibleText.Trim(name).Equals(purpose, StringComparison.OrdinalIgnoreCase)) ?? name;

    /// <summary>True for the name of a destination; for every name as long as there are none.</summary>
    public bool IsDestination(string name) => _vendors.Count == 0 || _vendors.Contains(name);

    /// <summary>True when a grant counts.</summary>
    /// <param name="source">Where the decision was taken, as the fact says.</param>
    /// <param name="producer">Who states the fact.</param>
    public bool MayGrant(string source, string producer) =>
        !IsVendor(source) && !IsVendor(producer)
        && (_sources is null
            || ((!_sources.TryGetValue(producer, out var speaker) || speaker.MayGrant)
                && (_sources.GetValueOrDefault(source) ?? _sources.GetValueOrDefault(ConsentSource.Others)) is { MayGrant: true } granting
                && (granting.Producers.Count == 0 || granting.Producers.Contains(producer, StringComparer.OrdinalIgnoreCase))));

    /// <summary>Completes a sentence about a source whose grant does not count.</summary>
    public string Fix(string source, string producer) =>
        IsVendor(source) || IsVendor(producer)
            ? "is of a destination, and what a vendor says can only deny; name the source where the person decided"
            : $"may only deny, when {producer} states it; give it the right in consent.yaml under sources (may: [grant, deny]) if people decide there";

    private bool IsVendor(string name) => _vendors.Contains(name) || ConsentSource.IsOfVendor(name);
}
