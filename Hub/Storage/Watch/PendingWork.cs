namespace IntegrationHub.Storage.Watch;

/// <summary>What waits in the queue of one run, or of one live stream.</summary>
/// <param name="Destination">Where to.</param>
/// <param name="Lane">Which lane.</param>
/// <param name="RunId">The run, or the stream.</param>
/// <param name="Records">How many records, from 1.</param>
/// <param name="Due">How many of those that were looked at are due.</param>
/// <param name="Failing">How many of those that were looked at have failed <see cref="Situations.Failing"/> times or more.</param>
/// <param name="Oldest">Since when the oldest is owed.</param>
/// <param name="NextAt">When the first of those that were looked at is due.</param>
/// <param name="WorstCode">Code that one of those that failed last met, or null.</param>
public sealed record PendingWork(string Destination, string Lane, Guid RunId, long Records, long Due, long Failing, DateTimeOffset Oldest, DateTimeOffset NextAt, string? WorstCode)
{
    /// <summary>How many were looked at, from 1: all of a short queue, of a long one its ends (<see cref="Situations.MostOfAnEnd"/>).</summary>
    public long Looked { get; init; } = Records;

    /// <summary>How many of those that were looked at are of an operation that this version does not know.</summary>
    public long Unreadable { get; init; }

    /// <summary>Code that one of those that wait for another attempt met last, or null when none was tried.</summary>
    public string? LastCode { get; init; }
}
