using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.HubSpot;

internal static class Batches
{
    public static readonly AudienceTarget Audience = new("spring", "611");

    public static BatchItem Item(long recordId, string? remoteId = null, params Field[] fields)
        => new() { RecordId = recordId, Key = $"c-{recordId}", RemoteId = remoteId, Fields = fields };

    public static BatchItem Person(long recordId, string? remoteId = null)
        => Item(recordId, remoteId, new Field("email", FieldValue.Of($"person{recordId}@example.test")));

    public static Batch Of(Operation operation, params BatchItem[] items)
        => new() { Operation = operation, Audience = operation == Operation.UpsertProfile ? null : Audience, Items = items };

    public static RecordOutcome Record(this Receipt receipt, long recordId) => receipt.Outcomes.Single(outcome => outcome.RecordId == recordId);

    public static IEnumerable<Outcome> Kinds(this Receipt receipt) => receipt.Outcomes.OrderBy(static o => o.RecordId).Select(static o => o.Outcome);

    /// <summary>How many people a batch call asks about.</summary>
    public static int Inputs(SentRequest request)
    {
        using var body = System.Text.Json.JsonDocument.Parse(request.Body);
        return body.RootElement.GetProperty("inputs").GetArrayLength();
    }
}
