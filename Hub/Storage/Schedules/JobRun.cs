namespace IntegrationHub.Storage.Schedules;

/// <summary>What became of one bell of a schedule.</summary>
/// <param name="Schedule">Name of the schedule.</param>
/// <param name="DueAt">When it was to ring.</param>
/// <param name="At">When that was known.</param>
/// <param name="Instance">Name of the hub that knew.</param>
/// <param name="Outcome">One of <see cref="JobOutcome"/>.</param>
/// <param name="Code">Why nothing was started, as a problem type; null otherwise.</param>
/// <param name="Detail">The same as a sentence that says what to do; null otherwise.</param>
/// <param name="RunIds">The runs that were started.</param>
public sealed record JobRun(string Schedule, DateTimeOffset DueAt, DateTimeOffset At, string Instance, string Outcome, string? Code, string? Detail, IReadOnlyList<Guid> RunIds);

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
}
