using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Backfills;

namespace IntegrationHub.Hub.Delivery;

/// <summary>Records for one vendor call, within the limits of the connector; the audience is empty where the operation has none.</summary>
internal sealed record PreparedBatch(Operation Operation, string Audience, IReadOnlyList<PreparedRecord> Records)
{
    /// <summary>True when nobody may be created by it.</summary>
    public bool UpdateOnly { get; init; }

    /// <summary>With a backfill: what its run is about; else null.</summary>
    public BackfillScope? Backfill { get; init; }

    /// <summary>The batch as the connector gets it.</summary>
    public Batch For(AudienceTarget? target, ConsentRecheck recheck) =>
        new() { Operation = Operation, Audience = target, UpdateOnly = UpdateOnly, Items = [.. Records.Select(record => record.Item)], LastLook = recheck.Look, CallEnded = recheck.Ended };
}
