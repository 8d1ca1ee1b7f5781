namespace IntegrationHub.Contracts.Audiences;

/// <summary>Lifecycle fact, said by the saga when it accepted a run.</summary>
public sealed record AudienceSyncStarted
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Key of the audience.</summary>
    public required string Audience { get; init; }

    /// <summary>Name of the destination.</summary>
    public required string Destination { get; init; }

    /// <summary>One of <see cref="SyncMode"/>.</summary>
    public required string Mode { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
