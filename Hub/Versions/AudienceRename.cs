using System.Text.RegularExpressions;
using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Versions;

/// <summary>An audience that is called otherwise from one configuration to the next, and stays what it is. Pure.</summary>
/// <param name="From">Its key before.</param>
/// <param name="To">Its key since.</param>
internal sealed record AudienceRename(string From, string To)
{
    /// <summary>Its file before.</summary>
    public string FileBefore => $"audiences/{From}.yaml";

    /// <summary>Its file since.</summary>
    public string FileAfter => $"audiences/{To}.yaml";

    /// <summary>For whoever looks at the plan.</summary>
    public string Sentence => $"The audience {From} is called {To}: its members, what vendors hold of it, its runs and letters go on under the new name. Nobody is added, sent or removed by it.";

    /// <summary>The configuration before, by the new name. Overrides of single audiences at destinations are not part of it.</summary>
    public HubConfiguration In(HubConfiguration before) => before.Audiences.TryGetValue(From, out var audience)
        ? before with { Audiences = before.Audiences.Where(other => other.Key != From).Append(KeyValuePair.Create(To, audience with { Key = To })).ToDictionary(StringComparer.Ordinal) }
        : before;

    /// <summary>Its files, by the new name, and what its lists may do, which stands under their name.</summary>
    public IReadOnlyDictionary<string, string> In(IReadOnlyDictionary<string, string> before) => before.ToDictionary(
        file => file.Key == FileBefore ? FileAfter : file.Key,
        file => file.Key is "consent.yaml" or "ownership.yaml" ? Regex.Replace(file.Value, $"{Regex.Escape(ConsentSource.ListOf(From))}(?![a-z0-9_-])", ConsentSource.ListOf(To), RegexOptions.None, TimeSpan.FromSeconds(1)) : file.Value,
        StringComparer.Ordinal);
}
