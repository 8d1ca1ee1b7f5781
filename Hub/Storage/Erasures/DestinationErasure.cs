namespace IntegrationHub.Storage.Erasures;

/// <summary>What a destination did about an erasure.</summary>
/// <param name="Destination">Its name.</param>
/// <param name="Action">One of <see cref="Deleting"/>, <see cref="Deleted"/>, <see cref="NotPossible"/>.</param>
/// <param name="Reason">Why it was not possible; null when it was.</param>
/// <param name="Found">Profiles that were found before they were deleted; duplicates count.</param>
/// <param name="Attempts">How often it was asked.</param>
/// <param name="RequestedAt">When it was asked first.</param>
public sealed record DestinationErasure(string Destination, string Action, string? Reason, int Found, int Attempts, DateTimeOffset RequestedAt)
{
    /// <summary>It was asked, and is read back until nobody is there.</summary>
    public const string Deleting = "deleting";

    /// <summary>Nobody is there any more, or nobody ever was.</summary>
    public const string Deleted = "deleted";

    /// <summary>It cannot, or does not.</summary>
    public const string NotPossible = "not_possible";

    /// <summary>The vendor shows nobody.</summary>
    public const string Absent = "absent";

    /// <summary>The vendor shows somebody.</summary>
    public const string Present = "present";

    /// <summary>When it was read back last.</summary>
    public DateTimeOffset? ReadBackAt { get; init; }

    /// <summary>How it was read back.</summary>
    public string? Method { get; init; }

    /// <summary><see cref="Absent"/> or <see cref="Present"/>; null before.</summary>
    public string? Result { get; init; }

    /// <summary>Later looks.</summary>
    public IReadOnlyList<ErasureRecheck> Rechecks { get; init; } = [];

    /// <summary>True when nothing more is to be done here.</summary>
    public bool IsOver => Action != Deleting;
}
