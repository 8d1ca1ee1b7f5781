namespace IntegrationHub.Connectors.Abstractions;

/// <summary>A connector whose vendor tells, in a call or two, how many events of a name happened in a span: what the hub's receipts are compared with.</summary>
public interface IEventCounting
{
    /// <summary>Counts events.</summary>
    /// <param name="name">The vendor's name of the event.</param>
    /// <param name="since">A whole hour, when the span begins.</param>
    /// <param name="until">A whole hour, when it ends, at most 100 hours later; not part of it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many happened in the span by the vendor's count, whoever told it of them.</returns>
    /// <exception cref="DestinationException">The destination is in trouble, or does not tell.</exception>
    Task<long> CountEventsAsync(string name, DateTimeOffset since, DateTimeOffset until, CancellationToken cancellationToken);
}
