namespace IntegrationHub.Storage.Alerts;

/// <summary>What became of telling somebody.</summary>
/// <param name="Route">Name of the route.</param>
/// <param name="Event"><c>trigger</c>, <c>resolve</c> or <c>test</c>.</param>
/// <param name="At">When it was written.</param>
/// <param name="Attempts">Attempts so far.</param>
/// <param name="SentAt">When it was told, or null.</param>
/// <param name="GivenUpAt">When it was given up, or null.</param>
/// <param name="Error">Why the last attempt failed, or null.</param>
public sealed record AlertTelling(string Route, string Event, DateTimeOffset At, int Attempts, DateTimeOffset? SentAt, DateTimeOffset? GivenUpAt, string? Error);
