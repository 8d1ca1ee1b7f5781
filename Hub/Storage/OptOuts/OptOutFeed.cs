namespace IntegrationHub.Storage.OptOuts;

/// <summary>How far a vendor's feed of opt-outs was read.</summary>
/// <param name="Destination">Name of the destination.</param>
/// <param name="Feed">Name of the feed.</param>
/// <param name="AskedAt">When the vendor was last asked, whatever came of it; before that, when the feed was first looked at.</param>
public sealed record OptOutFeed(string Destination, string Feed, DateTimeOffset AskedAt)
{
    /// <summary>Where to go on; null when nothing was read yet.</summary>
    public string? Cursor { get; init; }

    /// <summary>When the feed was last read to its end; null when it never was.</summary>
    public DateTimeOffset? CaughtUpAt { get; init; }

    /// <summary>Opt-outs that were read, repeats counted.</summary>
    public long OptOuts { get; init; }

    /// <summary>Reason code of the last failure; null when the last reading went well.</summary>
    public string? Error { get; init; }

    /// <summary>Since when it fails; null while it does not.</summary>
    public DateTimeOffset? FailingSince { get; init; }
}
