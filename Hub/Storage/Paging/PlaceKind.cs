namespace IntegrationHub.Storage.Paging;

/// <summary>What a column holds by which a list is ordered.</summary>
internal enum PlaceKind
{
    /// <summary>A whole number.</summary>
    Number,

    /// <summary>An instant, at its full precision.</summary>
    Time,

    /// <summary>An id.</summary>
    Id,

    /// <summary>A text.</summary>
    Text,
}
