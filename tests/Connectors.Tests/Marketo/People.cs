using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.Marketo;

internal static class People
{
    public static readonly AudienceTarget Audience = new("spring", "1001");

    public static BatchItem Person(long recordId, string? remoteId = null, params Field[] fields) => new()
    {
        RecordId = recordId,
        Key = $"person{recordId}@example.test",
        RemoteId = remoteId,
        Fields = fields.Length > 0 ? fields : [new("firstName", FieldValue.Of($"Person {recordId}"))],
    };

    /// <summary>A person whose fields the vendor has already.</summary>
    public static BatchItem Known(long recordId, string? remoteId = null) => new() { RecordId = recordId, Key = $"person{recordId}@example.test", RemoteId = remoteId };

    public static Batch Of(Operation operation, params BatchItem[] items) => new()
    {
        Operation = operation,
        Audience = operation == Operation.UpsertProfile ? null : Audience,
        Items = items,
    };

    /// <summary>The outcomes by record: outcome, code, remote id.</summary>
    public static string[] Told(this Receipt receipt) => [.. receipt.Outcomes.OrderBy(one => one.RecordId).Select(Told)];

    private static string Told(RecordOutcome one)
    {
        var code = one.Code is null ? "" : $" {one.Code}";
        var remoteId = one.RemoteId is null ? "" : $" #{one.RemoteId}";
        return $"{one.RecordId} {one.Outcome}{code}{remoteId}";
    }
}
