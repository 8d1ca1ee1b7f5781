using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Security;

/// <summary>Who calls, as the hub sees it.</summary>
internal sealed record CallerJson(
    [property: JsonPropertyName("principal")] string Principal, [property: JsonPropertyName("name")] string Name, [property: JsonPropertyName("scopes")] IReadOnlyList<string> Scopes)
{
    public static CallerJson From(Principal caller) => new(caller.Id, caller.Name, [.. caller.Scopes.Order(StringComparer.Ordinal)]);
}
