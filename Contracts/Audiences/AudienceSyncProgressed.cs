namespace IntegrationHub.Contracts.Audiences;

/// <summary>Said by the hub when a claim of the run was settled, in the settling transaction. Carries no totals: those are counted from rows.</summary>
public sealed record AudienceSyncProgressed
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Records settled by this claim, 1 or more.</summary>
    public required int Settled { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
