using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Alerts;

/// <summary>Answer of <c>POST /v1/alerts/test</c>.</summary>
/// <param name="Routes">Names of the routes that are told that they are tested.</param>
internal sealed record TestedRoutesJson([property: JsonPropertyName("routes")] IReadOnlyList<string> Routes);
