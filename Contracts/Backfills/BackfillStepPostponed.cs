namespace IntegrationHub.Contracts.Backfills;

/// <summary>Said by the hub when a step cannot be done for now because the destination is in trouble: nothing was done, nothing is lost.</summary>
public sealed record BackfillStepPostponed
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Name of the command that could not be done, for example <c>VerifyBackfill</c>.</summary>
    public required string Step { get; init; }

    /// <summary>When the destination may be asked again, UTC.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
