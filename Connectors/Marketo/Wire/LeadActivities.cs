using System.Text.Json;

namespace IntegrationHub.Connectors.Marketo.Wire;

/// <summary>A page of activities, of which the hub looks for the ids that it wrote itself.</summary>
/// <param name="Ids">Every id that stands in an attribute, whatever the attribute is called: pages show display names where the hub wrote API names.</param>
/// <param name="Token">Where the next page starts.</param>
/// <param name="HasMore"><c>moreResult</c>: there is more, also when this page is short or empty.</param>
internal sealed record LeadActivities(IReadOnlySet<Guid> Ids, string Token, bool HasMore)
{
    /// <summary>Reads a page; the content of the answer is one of these.</summary>
    public static MarketoAnswer Read(byte[] utf8)
    {
        var envelope = MarketoAnswer.Parse(utf8);
        if (envelope.Failure is not null)
        {
            return envelope;
        }

        using var json = JsonDocument.Parse(utf8);
        var answer = json.RootElement;
        var ids = answer.TryGetProperty("result", out var result) && result.ValueKind == JsonValueKind.Array ? result.EnumerateArray().SelectMany(IdsOf).ToHashSet() : [];
        return MarketoAnswer.OfContent(new LeadActivities(ids, LeadChanges.TokenOf(answer), answer.TryGetProperty("moreResult", out var more) && more.ValueKind == JsonValueKind.True));
    }

    private static IEnumerable<Guid> IdsOf(JsonElement activity)
    {
        var values = activity.TryGetProperty("attributes", out var attributes) && attributes.ValueKind == JsonValueKind.Array
            ? attributes.EnumerateArray().Select(attribute => attribute.TryGetProperty("value", out var value) ? value : default) : [];
        foreach (var value in activity.TryGetProperty("primaryAttributeValue", out var primary) ? values.Prepend(primary) : values)
        {
            if (value.ValueKind == JsonValueKind.String && Guid.TryParse(value.GetString(), out var id))
            {
                yield return id;
            }
        }
    }
}
