namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary>How a contract counts calls.</summary>
public enum BrazeContract
{
    /// <summary>Data points: reset is an epoch time, the three headers stand on every answer.</summary>
    DataPoints,

    /// <summary>Monthly active users: reset is a number of seconds; a 429 carries only <c>x-ratelimit-retry-after</c>.</summary>
    MonthlyActiveUsers,
}
