using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Security;

/// <summary>Body of <c>POST /v1/keys</c>.</summary>
internal sealed record CreateKeyJson
{
    /// <summary>Whose: <c>person:NAME</c> or <c>service:NAME</c>.</summary>
    [JsonPropertyName("principal")]
    public string? Principal { get; init; }

    /// <summary>Roles of the principal from now on, for all of its keys; those that it has when absent.</summary>
    [JsonPropertyName("roles")]
    public IReadOnlyList<string>? Roles { get; init; }

    /// <summary>What this key may be used for: a part of what the roles allow; all of that when absent. Needed for a principal without roles.</summary>
    [JsonPropertyName("scopes")]
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>When it ends by itself; never when absent.</summary>
    [JsonPropertyName("expires_at")]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What it is for.</summary>
    [JsonPropertyName("note")]
    public string? Note { get; init; }
}
