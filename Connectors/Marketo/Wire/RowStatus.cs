namespace IntegrationHub.Connectors.Marketo.Wire;

/// <summary>The <c>status</c> of one element of <c>result</c>.</summary>
internal enum RowStatus : byte
{
    /// <summary>The answer holds no status.</summary>
    None,

    /// <summary>A status that the vendor's pages do not list.</summary>
    Other,
    Created,
    Updated,
    Skipped,
    Added,
    Removed,
    MemberOf,
    NotMemberOf,
    Deleted,
}
