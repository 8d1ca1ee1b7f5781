using System.Text.Json.Serialization;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Runs;

/// <summary>What of a run waits in one partition of the queue, as the API shows it.</summary>
internal sealed record RunPartitionJson(
    [property: JsonPropertyName("partition")] int Partition,
    [property: JsonPropertyName("pending")] long Pending,
    [property: JsonPropertyName("pending_capped")] bool PendingCapped,
    [property: JsonPropertyName("oldest")] DateTimeOffset Oldest,
    [property: JsonPropertyName("next_at")] DateTimeOffset NextAt,
    [property: JsonPropertyName("attempts")] int Attempts,
    [property: JsonPropertyName("last_code")] string? LastCode,
    [property: JsonPropertyName("owner")] string? Owner)
{
    /// <summary>Shows one.</summary>
    public static RunPartitionJson From(RunPartition partition) => new(
        partition.Number, partition.Pending, partition.Pending >= RunPartitions.MostLooked, partition.Oldest, partition.NextAt, partition.Attempts, partition.LastCode, partition.Owner);
}
