namespace IntegrationHub.Storage.Watch;

/// <summary>Something that waits and is no delivery.</summary>
/// <param name="Kind">One of the words below.</param>
/// <param name="Records">How many wait, from 1, as far as they were counted.</param>
/// <param name="Oldest">Since when the oldest waits.</param>
/// <param name="Code">What most of them met, or null.</param>
public sealed record QueuedWork(string Kind, long Records, DateTimeOffset Oldest, string? Code)
{
    /// <summary>Facts that were set aside.</summary>
    public const string Quarantine = "quarantine";

    /// <summary>Calls of webhooks that no facts were made of yet.</summary>
    public const string Webhooks = "webhooks";

    /// <summary>Messages that were committed and have not reached the broker.</summary>
    public const string Outbox = "outbox";

    /// <summary>Alerts that a route was not told of, though it was tried.</summary>
    public const string Route = "route";

    /// <summary>True when more wait than were counted.</summary>
    public bool AreMore { get; init; }

    /// <summary>Name of the route; null of all others.</summary>
    public string? Name { get; init; }
}
