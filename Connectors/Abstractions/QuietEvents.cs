namespace IntegrationHub.Connectors.Abstractions;

/// <summary>How a vendor is told of events of the past, so that nothing there starts by them.</summary>
/// <param name="Suffix">
/// What is added to an event's own name, where the vendor takes every name as it comes; null where each kind of event has to be defined there first: then the destination's file says the name for
/// events of the past, or the property that marks them.
/// </param>
/// <param name="Why">What starts by which events at the vendor, and what keeps events of the past apart, in a sentence with the vendor's page.</param>
public sealed record QuietEvents(string? Suffix, string Why);
