using System.Text.Json.Serialization;
using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Hub.Paging;

/// <summary>What every list answers over HTTP: a page of it, and how long it is.</summary>
internal record PageJson<T>
{
    /// <summary>The items, in the order of the list.</summary>
    [JsonPropertyName("items")]
    public required IReadOnlyList<T> Items { get; init; }

    /// <summary>What to give as <c>after</c> for the page that follows; null when none does.</summary>
    [JsonPropertyName("next")]
    public required string? Next { get; init; }

    /// <summary>How many items match, on all pages; at most 10,000 are counted.</summary>
    [JsonPropertyName("count")]
    public required long Count { get; init; }

    /// <summary>True when more match than were counted.</summary>
    [JsonPropertyName("count_capped")]
    public required bool CountCapped { get; init; }
}

/// <summary>Shows pages.</summary>
internal static class PageJson
{
    /// <summary>Shows a page item by item.</summary>
    public static PageJson<TShown> Of<T, TShown>(Page<T> page, Func<T, TShown> show) => Of(page.With<TShown>([.. page.Items.Select(show)]));

    /// <summary>Shows a page of what is shown as it is.</summary>
    public static PageJson<T> Of<T>(Page<T> page) => new() { Items = page.Items, Next = page.Next, Count = page.Count, CountCapped = page.IsCountCapped };

    /// <summary>Shows a list that is short by its nature, whole.</summary>
    public static PageJson<T> Whole<T>(IEnumerable<T> items) => Of(Page.Whole([.. items]));
}
