namespace IntegrationHub.Contracts.Audiences;

/// <summary>Lifecycle fact, said by the saga when a run made no progress in time, with the diagnosis. Repeated while it lasts.</summary>
public sealed record AudienceSyncStalled
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Key of the audience.</summary>
    public required string Audience { get; init; }

    /// <summary>Name of the destination.</summary>
    public required string Destination { get; init; }

    /// <summary>State in which the run stands still.</summary>
    public required string State { get; init; }

    /// <summary>Code of the diagnosis, as in AudienceSyncDiagnosed.</summary>
    public required string Code { get; init; }

    /// <summary>What to do, in one sentence.</summary>
    public required string Detail { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
