namespace IntegrationHub.Hub.Intake.Webhooks;

/// <summary>A call as it came, unread. Holds personal data.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Query">The query with its question mark exactly as it was called, or empty.</param>
/// <param name="Header">Value of a header by its name, whatever its case; null when it is missing, blank or there twice.</param>
/// <param name="Body">The bytes of the body.</param>
internal sealed record WebhookCall(string Method, string Query, Func<string, string?> Header, ReadOnlyMemory<byte> Body);
