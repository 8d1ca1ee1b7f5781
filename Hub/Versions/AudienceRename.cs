using System.Text.RegularExpressions;
using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Versions;

/// <summary>An audience that is called otherwise. Pure.</summary>
/// <param name="From">Its key before.</param>
/// <param name="To">Its key since.</param>
internal sealed record AudienceRename(string From, string To) : NameChange(FormerNames.OfAudiences, From, To)
{
    /// <inheritdoc/>
    public override string Sentence => $"The audience {From} is called {To}: its members, what vendors hold of it, its runs and letters go on under the new name. Nobody is added, sent or removed by it.";

    /// <inheritdoc/>
    /// <remarks>Overrides of single audiences at destinations are not part of it.</remarks>
    public override HubConfiguration In(HubConfiguration before) => before.Audiences.TryGetValue(From, out var audience)
        ? before with { Audiences = before.Audiences.Where(other => other.Key != From).Append(KeyValuePair.Create(To, audience with { Key = To })).ToDictionary(StringComparer.Ordinal) }
        : before;

    /// <inheritdoc/>
    protected override string TextOf(string path, string text) => path is "consent.yaml" or "ownership.yaml"
        ? Regex.Replace(text, $"{Regex.Escape(ConsentSource.ListOf(From))}(?![a-z0-9_-])", ConsentSource.ListOf(To), RegexOptions.None, Regex.InfiniteMatchTimeout)
        : text;
}
