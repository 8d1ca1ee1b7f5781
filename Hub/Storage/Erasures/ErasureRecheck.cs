namespace IntegrationHub.Storage.Erasures;

/// <summary>A later look at a destination.</summary>
/// <param name="Round">1 after seven days, 2 after thirty.</param>
/// <param name="At">When.</param>
/// <param name="Result"><c>absent</c>; <c>deleted_again</c> when somebody was there and is not any more; <c>present</c> when the vendor does not let go.</param>
public sealed record ErasureRecheck(int Round, DateTimeOffset At, string Result)
{
    /// <summary>Somebody was there again, and was deleted again.</summary>
    public const string DeletedAgain = "deleted_again";
}
