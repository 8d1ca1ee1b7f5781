using System.Text.Json.Serialization;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Identities;

/// <summary>Where a key stands.</summary>
/// <param name="Key">The key.</param>
/// <param name="State"><c>held</c>, <c>contested</c> or <c>blocked</c>.</param>
/// <param name="Person">The first key of the person who holds it, or null.</param>
/// <param name="Candidates">The first keys of those who claim it when it is contested.</param>
internal sealed record KeyStandJson(
    [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("state")] string State,
    [property: JsonPropertyName("person")] string? Person,
    [property: JsonPropertyName("candidates")] IReadOnlyList<string> Candidates)
{
    /// <summary>Shows a key in the way that is given for keys.</summary>
    public static KeyStandJson From(PersonKey key, ResolvedKey stand, Func<PersonKey, string> show) => new(
        show(key), stand.State.ToString().ToLowerInvariant(), stand.Person is { } person ? show(person) : null, [.. stand.Candidates.Select(show)]);
}
