using System.Text.Json.Serialization;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Privacy;

/// <summary>A part of what is counted of a purpose: the parts of a state add up to its number in <c>GET /v1/consents</c>. Nobody by name: people are not listed by what they agreed to.</summary>
/// <param name="Purpose">The purpose.</param>
/// <param name="State"><c>in_force</c>: keys under which a grant is; otherwise <c>granted</c>, <c>denied</c> or <c>expired</c>: what came in within 24 hours.</param>
/// <param name="Source">Where it was decided.</param>
/// <param name="Count">How many keys, or lines of the ledger.</param>
/// <param name="LastAt">When the last of them was decided, or came in.</param>
internal sealed record ConsentPartJson(
    [property: JsonPropertyName("purpose")] string Purpose,
    [property: JsonPropertyName("state")] string State,
    [property: JsonPropertyName("source")] string Source,
    [property: JsonPropertyName("count")] long Count,
    [property: JsonPropertyName("last_at")] DateTimeOffset LastAt)
{
    /// <summary>The state of keys under which a grant is in force.</summary>
    public const string InForce = "in_force";

    /// <summary>Shows the parts of a purpose.</summary>
    public static IEnumerable<ConsentPartJson> Of(IEnumerable<ConsentDay> granted, IEnumerable<ConsentDay> day) =>
        granted.Select(part => From(part, InForce)).Concat(day.Select(part => From(part, part.Status)));

    private static ConsentPartJson From(ConsentDay part, string state) => new(part.Purpose, state, part.Source, part.Count, part.LastAt);
}
