namespace IntegrationHub.Contracts.Audiences;

/// <summary>
/// Said by the hub when it has read the members back. One answer per run and round: whoever asks again for the same round gets the same numbers,
/// whatever the vendor shows by then.
/// </summary>
public sealed record AudienceSyncVerified
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>The round that was asked for.</summary>
    public required int Round { get; init; }

    /// <summary>Members that the destination should have.</summary>
    public required long Expected { get; init; }

    /// <summary>Expected members that were found at the vendor.</summary>
    public required long Found { get; init; }

    /// <summary>Expected members that were not found.</summary>
    public required long Missing { get; init; }

    /// <summary>Members at the vendor that should not be there by the run's mode.</summary>
    public required long Unexpected { get; init; }

    /// <summary>People of the run whose fields were read back: a sample of those whom it wrote; 0 where the vendor tells no fields.</summary>
    public long FieldsRead { get; init; }

    /// <summary>Of these, people in whom a field is not what was written.</summary>
    public long Differing { get; init; }

    /// <summary>Records of the run that ended rejected or dead-lettered; decides between Completed and CompletedWithIssues.</summary>
    public required long WithIssues { get; init; }

    /// <summary>True when the round was read as the last one; what was missing then is planned again by the next run.</summary>
    public bool IsLastRound { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
