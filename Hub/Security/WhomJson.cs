using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Security;

/// <summary>Whom a command is about. In the body, because what an identity provider calls somebody may hold a slash.</summary>
internal sealed record WhomJson : WhyJson
{
    /// <summary><c>person:NAME</c> or <c>service:NAME</c>, as the audit log writes it.</summary>
    [JsonPropertyName("principal")]
    public string? Principal { get; init; }
}
