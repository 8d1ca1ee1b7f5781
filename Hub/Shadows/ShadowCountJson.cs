using System.Text.Json.Serialization;
using IntegrationHub.Storage.Shadows;

namespace IntegrationHub.Hub.Shadows;

/// <summary>Of how many people a shadow and what counts say what.</summary>
/// <param name="Name">The attribute or the audience.</param>
/// <param name="OnlyCounting">People of whom only what counts says it.</param>
/// <param name="OnlyShadow">People of whom only the shadow does, unknown ones among them.</param>
/// <param name="Different">People of whom both do, not the same.</param>
/// <param name="Equal">People of whom both say the same.</param>
/// <param name="LastAt">When the shadow stated it last, of whomever; absent where it never did.</param>
internal sealed record ShadowCountJson(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("only_counting")] long OnlyCounting,
    [property: JsonPropertyName("only_shadow")] long OnlyShadow,
    [property: JsonPropertyName("different")] long Different,
    [property: JsonPropertyName("equal")] long Equal,
    [property: JsonPropertyName("last_at"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? LastAt = null)
{
    public static ShadowCountJson From(ShadowCount count) => new(count.Name, count.OnlyCounting, count.OnlyShadow, count.Different, count.Equal, count.LastAt);
}
