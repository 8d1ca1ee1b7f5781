namespace IntegrationHub.Contracts.Backfills;

/// <summary>Said by the hub when deliveries of the run were settled.</summary>
public sealed record BackfillProgressed
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>How many.</summary>
    public required int Settled { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
