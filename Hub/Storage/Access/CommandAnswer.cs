namespace IntegrationHub.Storage.Access;

/// <summary>What is known of a command that came with an idempotency key.</summary>
/// <param name="RequestHash">Hash of route and body.</param>
/// <param name="At">When it came.</param>
/// <param name="Status">HTTP status of its answer; null while it is worked on.</param>
/// <param name="ContentType">Content type of the answer, or null.</param>
/// <param name="Body">The answer; null when it is not kept.</param>
public sealed record CommandAnswer(string RequestHash, DateTimeOffset At, int? Status, string? ContentType, ReadOnlyMemory<byte>? Body);
