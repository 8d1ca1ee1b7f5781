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

    public static BatchItem Deciding(long recordId, bool? marketing = null, bool? suspended = null, params TopicConsent[] topics) => new()
    {
        RecordId = recordId,
        Key = $"person{recordId}@example.test",
        Consent = new()
        {
            MarketingEmail = marketing,
            Suspended = suspended,
            Topics = topics.Length > 0 ? topics : marketing is null && suspended is null ? [] : [new("hubNewsletter", true), new("hubProductNews", false)],
            DecidedAt = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero),
            Source = "preference centre",
        },
    };

    public static BatchItem Buying(long recordId, string? remoteId = null) => new()
    {
        RecordId = recordId,
        Key = $"person{recordId}@example.test",
        RemoteId = remoteId,
        Event = new()
        {
            Id = EventId(recordId),
            Name = "hubPurchase",
            OccurredAt = new(2026, 11, 20, 9, 30, 0, TimeSpan.FromHours(1)),
            Purchase = new($"sku-{recordId}", "EUR", 12.50m, 2),
        },
    };

    public static Guid EventId(long recordId) => new((int)recordId, 1, 2, [3, 4, 5, 6, 7, 8, 9, 10]);

    public static BatchItem Changing(long recordId, IdentityChange change, string? remoteId = null) => Known(recordId, remoteId) with { Identity = change };

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
