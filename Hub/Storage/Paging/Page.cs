namespace IntegrationHub.Storage.Paging;

/// <summary>A part of a list, and how long the list is.</summary>
/// <param name="Items">The part, in the order of the list.</param>
/// <param name="Next">What to give as <see cref="PageAsk.After"/> to go on; null when nothing follows.</param>
/// <param name="Count">How many items the whole list has, at most <see cref="Page.MostCounted"/>.</param>
/// <param name="IsCountCapped">True when there are more than <paramref name="Count"/>.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next, long Count, bool IsCountCapped)
{
    /// <summary>The same page of what is made of its items.</summary>
    public Page<TShown> With<TShown>(IReadOnlyList<TShown> items) => new(items, Next, Count, IsCountCapped);
}

/// <summary>Makes pages.</summary>
public static class Page
{
    /// <summary>So many items of a list are counted; of more it is said that they are more (decision 0057).</summary>
    public const int MostCounted = 10_000;

    /// <summary>A list that is short by its nature, whole.</summary>
    public static Page<T> Whole<T>(IReadOnlyList<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return new Page<T>(items, null, items.Count, false);
    }

    /// <summary>A page of what was read: one row more than was asked for tells that there is a next page.</summary>
    /// <param name="read">The rows, at most one more than <paramref name="limit"/>.</param>
    /// <param name="limit">How many were asked for.</param>
    /// <param name="counted">Rows of the whole list, looked at up to <see cref="MostCounted"/> + 1.</param>
    /// <param name="placeOf">The place of a row.</param>
    internal static Page<T> Cut<T>(IReadOnlyList<T> read, int limit, long counted, Func<T, string> placeOf) => read.Count <= limit
        ? new Page<T>(read, null, Math.Min(counted, MostCounted), counted > MostCounted)
        : new Page<T>([.. read.Take(limit)], placeOf(read[limit - 1]), Math.Min(counted, MostCounted), counted > MostCounted);
}
