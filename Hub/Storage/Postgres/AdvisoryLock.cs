namespace IntegrationHub.Storage.Postgres;

/// <summary>First half of the keys of advisory locks that storage takes; each ends with its transaction.</summary>
internal static class AdvisoryLock
{
    /// <summary>One writer at a time for facts, profiles, consents, memberships and change marks.</summary>
    public const int Ledger = 0x48_75_62_01;

    /// <summary>One settler at a time looks whether a run is drained; second half: hash of the run.</summary>
    public const int RunEnd = 0x48_75_62_02;

    /// <summary>One instance at a time deletes what is old; whoever does not get it leaves the work to the other.</summary>
    public const int Retention = 0x48_75_62_03;

    /// <summary>One call at a time is entered into the book of those under way; second half: hash of the destination.</summary>
    public const int Calls = 0x48_75_62_04;

    /// <summary>One maker of partitions at a time; the function <c>cover_partition</c> takes it.</summary>
    public const int Partitions = 0x48_75_62_05;

    /// <summary>One instance at a time folds the counts of dead letters.</summary>
    public const int LetterTallies = 0x48_75_62_0A;

    /// <summary>One instance at a time folds the counts of what waits.</summary>
    public const int PendingTallies = 0x48_75_62_0C;

    /// <summary>Who gets aliases, alone, and who settles that destinations have got people, beside others who do: neither misses what the other writes (<see cref="Deliveries.IdentityDues"/>).</summary>
    public const int Aliases = 0x48_75_62_0D;

    /// <summary>One confirmation of an action on dead letters at a time.</summary>
    public const int LetterActions = 0x48_75_62_0B;

    /// <summary>One hub at a time makes up for the missed bells of a schedule; second half: hash of the schedule.</summary>
    public const int MissedBells = 0x48_75_62_0E;
}
