using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Intake.Webhooks;

/// <summary>What became of a call: it is kept, and turned into facts in a moment.</summary>
/// <param name="ReceiptId">Where it is kept.</param>
/// <param name="Status"><c>kept</c>, or <c>repeated</c> when it was kept before and changes nothing.</param>
internal sealed record WebhookJson([property: JsonPropertyName("receipt_id")] Guid ReceiptId, [property: JsonPropertyName("status")] string Status)
{
    public const string Kept = "kept";
    public const string Repeated = "repeated";
}
