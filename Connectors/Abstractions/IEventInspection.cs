namespace IntegrationHub.Connectors.Abstractions;

/// <summary>A connector whose vendor tells which kinds of event an account takes, and with which properties.</summary>
public interface IEventInspection
{
    /// <summary>Checks that the kinds of event exist, can be written and have the properties; changes nothing.</summary>
    /// <param name="events">The kinds of event that a destination's file tells; each name once.</param>
    /// <param name="cancellationToken">Ends the calls.</param>
    /// <returns>What is wrong, named by <see cref="EventUse.Name"/>; empty when all is well.</returns>
    /// <exception cref="DestinationException">The destination is in trouble.</exception>
    Task<IReadOnlyList<FieldFinding>> InspectEventsAsync(IReadOnlyList<EventUse> events, CancellationToken cancellationToken);
}
