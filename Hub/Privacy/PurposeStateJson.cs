using System.Text.Json.Serialization;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Privacy;

/// <summary>What counts of a person's decisions for a purpose.</summary>
/// <param name="Purpose">The purpose.</param>
/// <param name="Status"><c>granted</c>, <c>denied</c> or <c>expired</c>.</param>
/// <param name="DecidedAt">When.</param>
/// <param name="Source">Where.</param>
/// <param name="ExpiresAt">When a grant ends by itself, or null.</param>
/// <param name="HasEvidence">True when something shows it.</param>
internal sealed record PurposeStateJson(
    [property: JsonPropertyName("purpose")] string Purpose,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("decided_at")] DateTimeOffset DecidedAt,
    [property: JsonPropertyName("source")] string Source,
    [property: JsonPropertyName("expires_at")] DateTimeOffset? ExpiresAt,
    [property: JsonPropertyName("has_evidence")] bool HasEvidence)
{
    /// <summary>Shows what is kept with a profile.</summary>
    public static PurposeStateJson From(string purpose, in PurposeConsent state) => new(purpose, state.Status, state.DecidedAt, state.Source, state.ExpiresAt, state.HasEvidence);
}
