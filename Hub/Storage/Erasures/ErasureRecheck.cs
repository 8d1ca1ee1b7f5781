namespace IntegrationHub.Storage.Erasures;

/// <summary>A later look at a destination.</summary>
/// <param name="Round">1 after seven days, 2 after thirty.</param>
/// <param name="At">When.</param>
/// <param name="Result"><c>absent</c>; <c>deleted_again</c> when somebody was there and is not any more; <c>present</c> when the vendor does not let go; <c>not_possible</c> when nobody can ask, or the vendor refuses; <c>not_seen</c> when nobody could look: the vendor shows no people, or has no key of the person.</param>
public sealed record ErasureRecheck(int Round, DateTimeOffset At, string Result)
{
    /// <summary>Somebody was there again, and was deleted again.</summary>
    public const string DeletedAgain = "deleted_again";

    /// <summary>Nothing says that somebody is there, and nobody could look.</summary>
    public const string NotSeen = "not_seen";

    /// <summary>True when the look is over: only whoever is still there is looked at again.</summary>
    public bool IsOver => Result != DestinationErasure.Present;

    /// <summary>What a look says that ended so.</summary>
    public static string ResultOf(DestinationErasure look)
    {
        ArgumentNullException.ThrowIfNull(look);
        return look switch
        {
            { Action: DestinationErasure.NotPossible } => DestinationErasure.NotPossible,
            { Action: DestinationErasure.Deleting } => DestinationErasure.Present,
            { Found: > 0 } => DeletedAgain,
            { Result: null, Reason: not null } => NotSeen,
            _ => DestinationErasure.Absent,
        };
    }
}
