namespace IntegrationHub.Connectors.Abstractions;

/// <summary>What a vendor shows of an event.</summary>
public enum EventPresence
{
    /// <summary>What the vendor shows does not tell.</summary>
    Unclear,

    /// <summary>The vendor has it.</summary>
    There,

    /// <summary>The vendor does not show it; it may still come to light before <see cref="IEventReading.EventsAreShownAfter"/> is over.</summary>
    NotThere,
}
