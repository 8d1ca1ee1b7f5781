using System.Text.RegularExpressions;
using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Versions;

/// <summary>A source that is called otherwise. Pure.</summary>
/// <param name="From">Its name before.</param>
/// <param name="To">Its name since.</param>
internal sealed record SourceRename(string From, string To) : NameChange(FormerNames.OfSources, From, To)
{
    /// <inheritdoc/>
    public override string Sentence => $"The source {From} is called {To}: what it owns, what it may grant, what it stated as a shadow, its proposals and numbers go on under the new name. Calls and facts that name {From} count as before, and what was sent once is not taken in twice.";

    /// <inheritdoc/>
    public override HubConfiguration In(HubConfiguration before) => before with
    {
        Sources = before.Sources.ToDictionary(source => Of(source.Key), source => source.Value with { Name = Of(source.Key) }, StringComparer.Ordinal),
        Identity = before.Identity with { Authoritative = [.. before.Identity.Authoritative.Select(Of)] },
        Consent = before.Consent with { Sources = before.Consent.Sources?.Select(source => source with { Name = Of(source.Name), Producers = [.. source.Producers.Select(Of)] }).ToList() },
        Ownership = before.Ownership is not { } ownership ? null : ownership with
        {
            Attributes = ownership.Attributes.ToDictionary(owned => owned.Key, owned => owned.Value with { SystemOfRecord = Of(owned.Value.SystemOfRecord) }, StringComparer.Ordinal),
            Shadows = ownership.Shadows.ToDictionary(shadow => Of(shadow.Key), shadow => Of(shadow.Value), StringComparer.Ordinal),
        },
    };

    /// <inheritdoc/>
    protected override string TextOf(string path, string text) => path is "consent.yaml" or "ownership.yaml" or "identity.yaml"
        ? Regex.Replace(text, $"(?<![a-z0-9_:-]){Regex.Escape(From)}(?![a-z0-9_-])", To, RegexOptions.None, Regex.InfiniteMatchTimeout)
        : text;

    private string Of(string name) => name == From ? To : name;
}
