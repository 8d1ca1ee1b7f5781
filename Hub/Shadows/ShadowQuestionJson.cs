using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Shadows;

/// <summary>A question for the people of whom a shadow says otherwise, with values in full.</summary>
/// <param name="Attribute">The attribute, <c>email</c> or <c>phone</c>; null with an audience.</param>
/// <param name="Audience">The audience; null with an attribute.</param>
/// <param name="State">How the two stand to each other; <c>different</c> for an attribute and <c>only_shadow</c> for an audience when null.</param>
/// <param name="Reason">Why the values have to be seen; stays in the audit log.</param>
/// <param name="After">Where the page before ended; null for the first.</param>
/// <param name="Limit">Most people, 100 when null.</param>
internal sealed record ShadowQuestionJson(
    [property: JsonPropertyName("attribute")] string? Attribute,
    [property: JsonPropertyName("audience")] string? Audience,
    [property: JsonPropertyName("state")] string? State,
    [property: JsonPropertyName("reason")] string? Reason,
    [property: JsonPropertyName("after")] string? After = null,
    [property: JsonPropertyName("limit")] int? Limit = null);
