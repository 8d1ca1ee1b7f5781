namespace IntegrationHub.Connectors.Abstractions;

/// <summary>
/// A connector whose vendor does not recognise a repeated event, and can be asked whether it has one of which the answer was lost. Vendors that recognise repeats need
/// not be asked: there the event is sent again.
/// </summary>
public interface IEventReading
{
    /// <summary>Events per call of <see cref="FindEventsAsync"/>, 1 or more.</summary>
    int MaxEventsPerRead { get; }

    /// <summary>So long after an event was sent the vendor shows it, if it has it: from then on <see cref="EventPresence.NotThere"/> is certain.</summary>
    TimeSpan EventsAreShownAfter { get; }

    /// <summary>Looks for events. Costs as many vendor calls as the connector bounds; what could not be found out within them is <see cref="EventPresence.Unclear"/>.</summary>
    /// <param name="questions">At most <see cref="MaxEventsPerRead"/>.</param>
    /// <param name="cancellationToken">Ends the calls.</param>
    /// <returns>One answer for each, in any order.</returns>
    /// <exception cref="DestinationException">The destination is in trouble; the caller asks again later.</exception>
    Task<IReadOnlyList<EventSighting>> FindEventsAsync(IReadOnlyList<EventQuestion> questions, CancellationToken cancellationToken);
}
