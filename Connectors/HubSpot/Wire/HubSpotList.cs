using System.Text.Json.Serialization;

namespace IntegrationHub.Connectors.HubSpot.Wire;

/// <summary>Answer to finding, reading and creating a list.</summary>
internal sealed record ListAnswer([property: JsonPropertyName("list")] HubSpotList? List);

/// <summary>A list ("segment"). https://developers.hubspot.com/docs/api-reference/latest/crm/lists/guide</summary>
internal sealed record HubSpotList(
    [property: JsonPropertyName("listId")] string? ListId,
    [property: JsonPropertyName("processingType")] string? ProcessingType,
    [property: JsonPropertyName("objectTypeId")] string? ObjectTypeId)
{
    /// <summary>When it was deleted, or null. For 90 days a deleted list is still told by its id, and can be restored.</summary>
    [JsonPropertyName("deletedAt")]
    public string? DeletedAt { get; init; }
}

/// <summary>A page of members, in the order of their record ids.</summary>
internal sealed record MemberPage(
    [property: JsonPropertyName("results")] IReadOnlyList<ListMember>? Results,
    [property: JsonPropertyName("paging")] Paging? Paging);

/// <summary>A member of a list.</summary>
internal sealed record ListMember([property: JsonPropertyName("recordId")] string RecordId);

/// <summary>Where a listing goes on.</summary>
internal sealed record Paging([property: JsonPropertyName("next")] PagingCursor? Next);

/// <summary>An opaque cursor.</summary>
internal sealed record PagingCursor([property: JsonPropertyName("after")] string? After);
