using System.Text.Json.Serialization;
using IntegrationHub.Storage.Access;

namespace IntegrationHub.Hub.Security;

/// <summary>A key as the API and the CLI show it.</summary>
internal sealed record KeyJson
{
    [JsonPropertyName("key_id")]
    public required string KeyId { get; init; }

    [JsonPropertyName("principal")]
    public required string Principal { get; init; }

    [JsonPropertyName("roles")]
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>What it may be used for.</summary>
    [JsonPropertyName("scopes")]
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary><c>active</c>, <c>expired</c>, <c>revoked</c>, <c>disabled</c> (whoever has it may do nothing) or <c>unreadable</c>.</summary>
    [JsonPropertyName("state")]
    public required string State { get; init; }

    [JsonPropertyName("note")]
    public string? Note { get; init; }

    [JsonPropertyName("created_at")]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonPropertyName("created_by")]
    public required string CreatedBy { get; init; }

    [JsonPropertyName("expires_at")]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Give or take a minute; null for never.</summary>
    [JsonPropertyName("last_used_at")]
    public DateTimeOffset? LastUsedAt { get; init; }

    [JsonPropertyName("revoked_at")]
    public DateTimeOffset? RevokedAt { get; init; }

    [JsonPropertyName("revoked_by")]
    public string? RevokedBy { get; init; }

    /// <summary>The key itself, only in the answer to its making: nobody can read it again.</summary>
    [JsonPropertyName("key")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Key { get; init; }

    /// <summary>What of it this version cannot read, and what to do; null when all can be read.</summary>
    [JsonPropertyName("unreadable"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Unreadable { get; init; }

    public static KeyJson From(AccessKey key, DateTimeOffset now) => new()
    {
        KeyId = key.KeyId,
        Principal = key.Principal.Id,
        Roles = key.Principal.Roles,
        Scopes = key.Unreadable is null ? [.. Role.Allow(key.Principal.Roles, key.Scopes).Order(StringComparer.Ordinal)] : [],
        State = key.RevokedAt is not null ? "revoked" : key.Unreadable is not null ? "unreadable" : key.Principal.DisabledAt is not null ? "disabled" : key.IsGoodAt(now) ? "active" : "expired",
        Note = key.Note,
        CreatedAt = key.CreatedAt,
        CreatedBy = key.CreatedBy,
        ExpiresAt = key.ExpiresAt,
        LastUsedAt = key.LastUsedAt,
        RevokedAt = key.RevokedAt,
        RevokedBy = key.RevokedBy,
        Unreadable = key.Unreadable is { } column ? UnreadableRow.Say(column == "roles" ? "principals" : "api_keys", column == "roles" ? key.Principal.Id : key.KeyId, column) : null,
    };
}
