using System.Text.Json.Serialization;
using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Backfills;

/// <summary>Body of <c>POST /v1/backfills/{id}/rollback</c>; may be left out.</summary>
internal sealed record RollbackBody : WhyJson
{
    /// <inheritdoc cref="BackfillBody.Windows" />
    [JsonPropertyName("windows")]
    public IReadOnlyList<string>? Windows { get; init; }

    /// <inheritdoc cref="BackfillBody.Rate" />
    [JsonPropertyName("rate")]
    public string? Rate { get; init; }
}
