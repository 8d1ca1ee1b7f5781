namespace IntegrationHub.Contracts.Audiences;

/// <summary>Lifecycle fact, said by the saga when a step failed for good. Said once.</summary>
public sealed record AudienceSyncFailed
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Key of the audience.</summary>
    public required string Audience { get; init; }

    /// <summary>Name of the destination.</summary>
    public required string Destination { get; init; }

    /// <summary>Stable reason code in snake_case.</summary>
    public required string Code { get; init; }

    /// <summary>What to do, in one sentence.</summary>
    public required string Detail { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
