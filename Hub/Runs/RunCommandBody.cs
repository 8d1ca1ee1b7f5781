using System.Text.Json.Serialization;
using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Runs;

/// <summary>Body of <c>POST /v1/runs/{id}/approve</c>, <c>/pause</c>, <c>/resume</c> and <c>/cancel</c>; may be left out.</summary>
internal sealed record RunCommandBody : WhyJson
{
    /// <summary>The run's <c>version</c> that the caller saw, as in <c>If-Match</c>; when it is another by now, nothing is done.</summary>
    [JsonPropertyName("expected_version")]
    public string? ExpectedVersion { get; init; }
}
