using System.Text.Json.Serialization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Hub.Privacy;

/// <summary>How much was decided about a purpose: counts, nobody by name.</summary>
/// <param name="Purpose">The purpose; <c>suppression:REASON</c> of who wants to be left alone.</param>
/// <param name="Channel">Channel through which people are addressed for it; null where there is none, and of what <c>consent.yaml</c> does not know.</param>
/// <param name="IsKnown">True when <c>consent.yaml</c> has rules for it.</param>
/// <param name="GrantedKeys">Keys under which a grant is in force, at most 10,000; somebody with two keys may be counted twice. Null of what <c>consent.yaml</c> does not know.</param>
/// <param name="GrantedCapped">True when there are more.</param>
/// <param name="Day">What came in within 24 hours, of at most the latest 10,000 decisions of all purposes.</param>
internal sealed record ConsentCountJson(
    [property: JsonPropertyName("purpose")] string Purpose,
    [property: JsonPropertyName("channel")] string? Channel,
    [property: JsonPropertyName("is_known")] bool IsKnown,
    [property: JsonPropertyName("granted_keys")] long? GrantedKeys,
    [property: JsonPropertyName("granted_capped")] bool GrantedCapped,
    [property: JsonPropertyName("day")] IReadOnlyList<ConsentDayJson> Day)
{
    /// <summary>Shows the purposes of the configuration in their order, then those of which something came in.</summary>
    public static IReadOnlyList<ConsentCountJson> Of(IReadOnlyList<ConsentPurpose> purposes, IReadOnlyDictionary<string, long> granted, IReadOnlyList<ConsentDay> day)
    {
        var lately = day.ToLookup(one => one.Purpose, StringComparer.Ordinal);
        return
        [
            .. purposes.Select(purpose =>
            {
                var count = granted.GetValueOrDefault(purpose.Name);
                return new ConsentCountJson(purpose.Name, purpose.Channel, true, Math.Min(count, Page.MostCounted), count > Page.MostCounted, [.. lately[purpose.Name].Select(ConsentDayJson.From)]);
            }),
            .. lately.Where(other => purposes.All(purpose => purpose.Name != other.Key)).Select(other => new ConsentCountJson(other.Key, null, false, null, false, [.. other.Select(ConsentDayJson.From)])),
        ];
    }
}

/// <summary>Decisions that came in within a day.</summary>
/// <param name="Status"><c>granted</c>, <c>denied</c> or <c>expired</c>.</param>
/// <param name="Source">Where they were made.</param>
/// <param name="Count">How many lines of the ledger.</param>
/// <param name="LastAt">When the last of them came in.</param>
internal sealed record ConsentDayJson(
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("source")] string Source,
    [property: JsonPropertyName("count")] long Count,
    [property: JsonPropertyName("last_at")] DateTimeOffset LastAt)
{
    /// <summary>Shows one.</summary>
    public static ConsentDayJson From(ConsentDay day) => new(day.Status, day.Source, day.Count, day.LastAt);
}
