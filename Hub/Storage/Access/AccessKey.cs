namespace IntegrationHub.Storage.Access;

/// <summary>A key with the principal that it belongs to. Of the key itself only its hash is known.</summary>
public sealed record AccessKey
{
    /// <summary>Which key; stands in its text, and is no secret.</summary>
    public required string KeyId { get; init; }

    /// <summary>Whose.</summary>
    public required AccessPrincipal Principal { get; init; }

    /// <summary>SHA-256 of the key's text; the text is random, so that no slow hash is needed.</summary>
    public required ReadOnlyMemory<byte> Hash { get; init; }

    /// <summary>What it may be used for; empty for all that the principal's roles allow.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>What it is for, in the words of whoever made it, or null.</summary>
    public string? Note { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Id of the principal that made it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>When it ends by itself; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was used last, give or take a minute; null for never.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>When somebody ended it, or null.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>Id of the principal that did, or null.</summary>
    public string? RevokedBy { get; init; }

    /// <summary>Name of the column, <c>scopes</c> or <c>roles</c>, that this version cannot read; null when all can be read. What it may be used for is then not known, and it opens nothing.</summary>
    public string? Unreadable { get; init; }

    /// <summary>Whether it opens anything.</summary>
    public bool IsGoodAt(DateTimeOffset now) => Unreadable is null && RevokedAt is null && !(ExpiresAt <= now) && Principal.DisabledAt is null;
}
