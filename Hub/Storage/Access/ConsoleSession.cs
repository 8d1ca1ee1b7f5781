namespace IntegrationHub.Storage.Access;

/// <summary>Somebody who is signed in to the console with a key, or by the identity provider.</summary>
/// <param name="TokenHash">SHA-256 of what the browser keeps.</param>
/// <param name="KeyId">Id of the key; null for the key of the settings, and by the identity provider.</param>
/// <param name="KeyHash">SHA-256 of the key's text: when the key is another one by now, the session opens nothing. Empty by the identity provider.</param>
/// <param name="SeenAt">When the browser was last heard of, give or take a minute.</param>
public sealed record ConsoleSession(ReadOnlyMemory<byte> TokenHash, string? KeyId, ReadOnlyMemory<byte> KeyHash, DateTimeOffset SeenAt)
{
    /// <summary>When it began.</summary>
    public DateTimeOffset StartedAt { get; init; } = SeenAt;

    /// <summary>Whom the identity provider vouched for; null with a key.</summary>
    public SignedInPerson? Person { get; init; }
}
