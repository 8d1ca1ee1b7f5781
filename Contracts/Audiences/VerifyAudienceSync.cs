namespace IntegrationHub.Contracts.Audiences;

/// <summary>Command from the saga to the hub: read the members back from the vendor and compare. Answered by AudienceSyncVerified, AudienceSyncStepPostponed or AudienceSyncStepFailed.</summary>
public sealed record VerifyAudienceSync
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Key of the audience.</summary>
    public required string Audience { get; init; }

    /// <summary>Name of the destination.</summary>
    public required string Destination { get; init; }

    /// <summary>One of <see cref="SyncMode"/>; decides whether strangers are unexpected.</summary>
    public required string Mode { get; init; }

    /// <summary>1 for the first read-back, counting up while the vendor has not caught up.</summary>
    public required int Round { get; init; }

    /// <summary>True when no further round follows: people who are still missing are then planned again by the next run.</summary>
    public bool IsLastRound { get; init; }
}
