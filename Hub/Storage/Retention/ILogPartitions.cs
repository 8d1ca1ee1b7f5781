namespace IntegrationHub.Storage.Retention;

/// <summary>The partitions of the log and of what was told of it, where the dialect has any. Each call works in transactions of its own.</summary>
public interface ILogPartitions
{
    /// <summary>Makes the partitions of the next four weeks that are missing. Twice is as good as once, and several processes may do it at a time.</summary>
    Task MakeAheadAsync(DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Drops the partitions whose rows all came before a time, with the ids of their facts; those that a delivery still sends from stay.</summary>
    /// <param name="rows">Which rows.</param>
    /// <param name="before">Older ones are not kept.</param>
    /// <param name="limit">Most ids that one transaction deletes, from 1.</param>
    /// <param name="cancellationToken">Ends the work; the next call goes on with what is half done.</param>
    /// <returns>How many rows are gone, about; null when rows of this kind lie in no partitions here.</returns>
    Task<long?> DropAsync(RetentionClass rows, DateTimeOffset before, int limit, CancellationToken cancellationToken);
}
