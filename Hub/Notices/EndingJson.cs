using System.Text.Json.Serialization;
using IntegrationHub.Connectors.Abstractions.Notices;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Notices;

/// <summary>An interface of a vendor that ends, should not be called any more, or is warned of.</summary>
/// <param name="Kind"><c>announced</c> on a page of the vendor's, or said beside answers: <c>deprecation</c>, <c>sunset</c>, <c>warning</c>.</param>
/// <param name="Operations">What the hub calls of it: method and path template.</param>
/// <param name="At">When it ends, or since when it should not be called; null when the vendor gives no date.</param>
/// <param name="What">What it is, in a sentence; null for what came beside answers.</param>
/// <param name="Code">The vendor's code of a warning, else null.</param>
/// <param name="Page">The vendor's page, or null.</param>
/// <param name="Successor">What takes its place, or null.</param>
/// <param name="FirstSeen">When it was first heard; null for what was announced.</param>
/// <param name="LastSeen">When it was last heard; null for what was announced.</param>
/// <param name="Count">Answers that said it; 0 for what was announced.</param>
internal sealed record EndingJson(
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("operations")] IReadOnlyList<string> Operations,
    [property: JsonPropertyName("at")] DateTimeOffset? At,
    [property: JsonPropertyName("what")] string? What,
    [property: JsonPropertyName("code")] string? Code,
    [property: JsonPropertyName("page")] string? Page,
    [property: JsonPropertyName("successor")] string? Successor,
    [property: JsonPropertyName("first_seen")] DateTimeOffset? FirstSeen,
    [property: JsonPropertyName("last_seen")] DateTimeOffset? LastSeen,
    [property: JsonPropertyName("count")] long Count)
{
    /// <summary>Of what the vendor announced on a page.</summary>
    public const string Announced = "announced";

    /// <summary>All that is known of a destination, what ends first in front.</summary>
    public static IReadOnlyList<EndingJson> Of(string destination, IReadOnlyList<Retirement> retirements, IEnumerable<StoredNotice> notices) =>
    [
        .. retirements.Select(Of).Concat(notices.Where(notice => notice.Destination == destination)
            .GroupBy(notice => (notice.Kind, notice.Code, notice.At, notice.Page, notice.Successor)).Select(same => Of([.. same])))
            .OrderBy(ending => ending.At ?? DateTimeOffset.MaxValue).ThenBy(ending => ending.Kind, StringComparer.Ordinal).ThenBy(ending => ending.Code, StringComparer.Ordinal),
    ];

    private static EndingJson Of(Retirement retirement) => new(
        Announced, [.. retirement.Endpoints.Select(endpoint => $"{endpoint.Method} {endpoint.Path}")], Start(retirement.EndsOn), $"{retirement.What} {retirement.ToDo}", null, retirement.Page.ToString(), null, null, null, 0);

    private static EndingJson Of(IReadOnlyList<StoredNotice> same) => new(
        same[0].Kind, [.. same.Select(notice => notice.Operation)], same[0].At, null, same[0].Code.Length == 0 ? null : same[0].Code, same[0].Page, same[0].Successor,
        same.Min(notice => notice.FirstSeen), same.Max(notice => notice.LastSeen), same.Sum(notice => notice.Count));

    private static DateTimeOffset? Start(DateOnly? day) => day is { } known ? new DateTimeOffset(known, TimeOnly.MinValue, TimeSpan.Zero) : null;
}
