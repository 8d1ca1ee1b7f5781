namespace IntegrationHub.Storage.Schedules;

/// <summary>What became of one bell of a schedule, or of a job of the hub's own.</summary>
/// <param name="Schedule">Name of the schedule or job.</param>
/// <param name="DueAt">When it was to ring.</param>
/// <param name="At">When that was known.</param>
/// <param name="Instance">Name of the hub that knew, or that works.</param>
/// <param name="Outcome">One of <see cref="JobOutcome"/>.</param>
/// <param name="Code">Why nothing was started, as a problem type, or what a job failed with; null otherwise.</param>
/// <param name="Detail">The same as a sentence that says what to do; of a job that is done what it did; null otherwise.</param>
/// <param name="RunIds">The runs that were started.</param>
public sealed record JobRun(string Schedule, DateTimeOffset DueAt, DateTimeOffset At, string Instance, string Outcome, string? Code, string? Detail, IReadOnlyList<Guid> RunIds)
{
    /// <summary>Name of the column that this version cannot read; null when all can be read.</summary>
    public string? Unreadable { get; init; }

    /// <summary>How often a hub began to work on it; 0 of a schedule's bell.</summary>
    public int Attempts { get; init; }

    /// <summary>When a hub began the last time; null before, and of a schedule's bell.</summary>
    public DateTimeOffset? BeganAt { get; init; }

    /// <summary>When the work was over; null before, and of a schedule's bell.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>What became of a bell.</summary>
public static class JobOutcome
{
    /// <summary>Runs were started.</summary>
    public const string Started = "started";

    /// <summary>The run of an earlier bell, or of somebody else, is not over.</summary>
    public const string Overlapped = "overlapped";

    /// <summary>The hub does not start such a run.</summary>
    public const string Refused = "refused";

    /// <summary>No hub could ring it at its time.</summary>
    public const string Missed = "missed";

    /// <summary>A job of the hub's own waits for a hub.</summary>
    public const string Due = "due";

    /// <summary>A hub works on it.</summary>
    public const string Working = "working";

    /// <summary>It did what it is for.</summary>
    public const string Done = "done";

    /// <summary>It failed as often as it may; its next bell tries again.</summary>
    public const string Failed = "failed";
}
