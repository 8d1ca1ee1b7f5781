namespace IntegrationHub.Hub.Backfills;

/// <summary>What of the log a person or program asks for again.</summary>
/// <param name="Kind"><c>redeliver</c> or <c>rebuild</c>.</param>
/// <param name="Asked">Where, about whom, when and how fast; its attributes mean something only where state is owed again.</param>
internal sealed record ReplayRequest(string Kind, BackfillRequest Asked)
{
    /// <summary>Names of events, with a rebuild types of facts; all that are meant when null or empty.</summary>
    public IReadOnlyList<string>? Types { get; init; }

    /// <summary>Only what was so then or later, or null.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only what was so before, or null.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Only what one of these stated, or null.</summary>
    public IReadOnlyList<string>? Producers { get; init; }

    /// <summary>Only what has this correlation id, or what this earlier replay told of; or null.</summary>
    public string? Run { get; init; }

    /// <summary>A key of the only person whom it is about, or null.</summary>
    public string? Subject { get; init; }

    /// <summary>True when events may be sent of which nobody knows any more whether they were, though the vendor would count them twice.</summary>
    public bool AllowRepeat { get; init; }
}
