namespace IntegrationHub.Storage.Access;

/// <summary>Somebody who is signed in to the console with a key.</summary>
/// <param name="TokenHash">SHA-256 of what the browser keeps.</param>
/// <param name="KeyId">Id of the key; null for the key of the settings.</param>
/// <param name="KeyHash">SHA-256 of the key's text: when the key is another one by now, the session opens nothing.</param>
/// <param name="SeenAt">When the browser was last heard of, give or take a minute.</param>
public sealed record ConsoleSession(ReadOnlyMemory<byte> TokenHash, string? KeyId, ReadOnlyMemory<byte> KeyHash, DateTimeOffset SeenAt);
