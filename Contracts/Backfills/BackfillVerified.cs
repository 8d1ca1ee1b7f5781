namespace IntegrationHub.Contracts.Backfills;

/// <summary>Said by the hub when it has read back what the run wrote.</summary>
public sealed record BackfillVerified
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>The round that was asked for.</summary>
    public required int Round { get; init; }

    /// <summary>People whom the run wrote.</summary>
    public required long Expected { get; init; }

    /// <summary>Those of them whom the vendor shows as written.</summary>
    public required long Found { get; init; }

    /// <summary>Those whom it shows otherwise, or not at all.</summary>
    public required long Missing { get; init; }

    /// <summary>Records of the run that were rejected or dead-lettered.</summary>
    public required long WithIssues { get; init; }

    /// <summary>As it was asked for.</summary>
    public required bool IsLastRound { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
