namespace IntegrationHub.Storage.Alerts;

/// <summary>What is to be told along a route.</summary>
/// <param name="SendId">Its id, the same at every attempt: a receiver can tell a repeat by it.</param>
/// <param name="AlertId">The alert; 0 for a test.</param>
/// <param name="Route">Name of the route.</param>
/// <param name="Event"><c>trigger</c>, <c>resolve</c> or <c>test</c>.</param>
/// <param name="Body">What to say, as JSON.</param>
/// <param name="At">When it was written.</param>
/// <param name="Attempts">Attempts so far, this one included.</param>
public sealed record AlertSend(long SendId, long AlertId, string Route, string Event, string Body, DateTimeOffset At, int Attempts);
