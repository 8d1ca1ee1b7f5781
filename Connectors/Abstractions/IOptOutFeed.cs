namespace IntegrationHub.Connectors.Abstractions;

/// <summary>
/// A connector whose vendor tells, when it is asked, who opted out there and whom it cannot reach. What it tells can only deny: somebody who opts in at a vendor is
/// in no feed.
/// </summary>
public interface IOptOutFeed
{
    /// <summary>Names of what is asked for one by one, snake_case, for example <c>unsubscribes</c>; 1 or more.</summary>
    IReadOnlyList<string> OptOutFeeds { get; }

    /// <summary>Reads the next page of a feed.</summary>
    /// <param name="question">Which feed, and from where on.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The page. Reading it again is harmless: what stands in several pages has the same <see cref="VendorOptOut.Id"/> in each.</returns>
    /// <exception cref="DestinationException">The destination is in trouble; the caller asks again later, with the same cursor.</exception>
    Task<OptOutPage> ReadOptOutsAsync(OptOutQuestion question, CancellationToken cancellationToken);
}
