using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Versions.Effects;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Shadows;

namespace IntegrationHub.Hub.Shadows;

/// <summary>Tells how what shadows state differs from what counts: numbers first, then people, one page at a time.</summary>
internal sealed class ShadowComparer(HubConfiguration configuration, OutboxTransaction transactions)
{
    private const string Hidden = "…";
    private const int ShortestShown = 6;
    private readonly ShadowWalk _walk = new();
    private readonly Classifications _classifications = Classifications.Of(configuration);

    /// <summary>The shadows, each with the source that counts in its place.</summary>
    public IReadOnlyDictionary<string, string> Shadows => configuration.Ownership?.Shadows ?? new Dictionary<string, string>();

    /// <summary>Of how many people each attribute and membership is the same, another one, or there on one side alone: of everything that the shadow states, and of what belongs to the source that it shadows.</summary>
    /// <param name="source">A shadow.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <param name="progress">Is told how many attributes and audiences are counted, and how many there are; null when nobody is.</param>
    public async Task<ShadowComparisonJson> CompareAsync(string source, CancellationToken cancellationToken, Action<int, int>? progress = null)
    {
        var shadowed = Shadows[source];
        var people = await transactions.ReadAsync(db => ShadowComparison.PeopleAsync(db, source, cancellationToken));
        var stated = await transactions.ReadAsync(db => ShadowComparison.NamesAsync(db, source, cancellationToken));
        var owned = (configuration.Ownership?.Attributes ?? new Dictionary<string, AttributeOwnership>()).Where(attribute => attribute.Value.SystemOfRecord == shadowed).Select(attribute => (ShadowKind.Attribute, attribute.Key));
        List<(string Kind, string Name)> things = [.. stated.Concat(owned).Distinct()];
        var counts = new List<ShadowCount>(things.Count);
        foreach (var (kind, name) in things)
        {
            progress?.Invoke(counts.Count, things.Count);
            counts.Add(await transactions.ReadAsync(db => ShadowComparison.CountAsync(db, source, kind, name, cancellationToken)));
        }

        return new ShadowComparisonJson
        {
            Source = source,
            Of = shadowed,
            People = people.Stated,
            Unknown = people.Unknown,
            Attributes = [.. counts.Where(count => count.Kind != ShadowKind.Audience).Select(ShadowCountJson.From).OrderBy(count => count.Name, StringComparer.Ordinal)],
            Audiences = [.. counts.Where(count => count.Kind == ShadowKind.Audience).Select(ShadowCountJson.From).OrderBy(count => count.Name, StringComparer.Ordinal)],
        };
    }

    /// <summary>The same of several shadows; null of none.</summary>
    public async Task<IReadOnlyList<ShadowComparisonJson>?> CompareAsync(IReadOnlyList<string> sources, CancellationToken cancellationToken)
    {
        var compared = new List<ShadowComparisonJson>();
        foreach (var source in sources)
        {
            compared.Add(await CompareAsync(source, cancellationToken));
        }

        return compared.Count == 0 ? null : compared;
    }

    /// <summary>A page of the people of whom the two stand so to each other; keys and values masked unless they are to be revealed.</summary>
    public async Task<Page<ShadowDifferenceJson>> ListAsync(string source, string kind, string name, string state, bool reveal, PageAsk ask, CancellationToken cancellationToken)
    {
        var page = await transactions.ReadAsync(db => _walk.ListAsync(db, source, kind, name, state, ask, cancellationToken));
        return page.With<ShadowDifferenceJson>([.. page.Items.Select(item => Show(kind, name, item, reveal))]);
    }

    private ShadowDifferenceJson Show(string kind, string name, ShadowDifference difference, bool reveal)
    {
        var (counting, shadow) = (ValueOf(difference.Counting), ValueOf(difference.Shadow));
        var key = difference.PersonKey is { } text ? PersonKey.ReadOrNull(text) : null;
        return new ShadowDifferenceJson(
            key is { } named ? (reveal ? named.ToString() : $"{PersonKey.WordOf(named.Kind)}:{MaskedKey.Of(named.Value)}") : null, difference.ProfileId,
            Show(counting), Show(shadow), counting.Kind == FieldKind.Null || shadow.Kind == FieldKind.Null || counting == shadow ? null : ValueDifference.Of(counting, shadow));

        string? Show(FieldValue value) => value.Kind == FieldKind.Null ? null : reveal || kind == ShadowKind.Audience ? value.ToString() : Masked(name, value);
    }

    /// <summary>Of a text that is long enough its ends; of anything else, and of what asks for more care, nothing.</summary>
    private string Masked(string name, FieldValue value) =>
        value.Kind != FieldKind.Text || value.Text.Length < ShortestShown || _classifications.Of(name) == FieldClassification.Sensitive ? Hidden : MaskedKey.Of(value.Text);

    private static FieldValue ValueOf(string? json)
    {
        if (json is null)
        {
            return FieldValue.Null;
        }

        var value = JsonElement.Parse(json);
        return value.ValueKind switch
        {
            JsonValueKind.True or JsonValueKind.False => FieldValue.Of(value.GetBoolean()),
            JsonValueKind.Number when value.TryGetDecimal(out var number) => FieldValue.Of(number),
            JsonValueKind.String => FieldValue.Of(value.GetString()!),
            _ => FieldValue.Of(value.GetRawText()),
        };
    }
}
