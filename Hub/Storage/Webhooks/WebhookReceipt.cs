namespace IntegrationHub.Storage.Webhooks;

/// <summary>A call of a webhook as it came. Its body holds personal data; nothing else does.</summary>
/// <param name="ReceiptId">Made of the source and the key: the same delivery is the same receipt.</param>
/// <param name="Source">Name of the source.</param>
/// <param name="IdempotencyKey">The sender's id of the delivery, or a hash of the body.</param>
/// <param name="ReceivedAt">When it came in first.</param>
/// <param name="HeadersJson">Flat JSON object of the headers that matter: never a signature or a secret.</param>
/// <param name="Body">The bytes as they came.</param>
public sealed record WebhookReceipt(Guid ReceiptId, string Source, string IdempotencyKey, DateTimeOffset ReceivedAt, string HeadersJson, ReadOnlyMemory<byte> Body);
