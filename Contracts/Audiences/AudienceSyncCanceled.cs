namespace IntegrationHub.Contracts.Audiences;

/// <summary>Lifecycle fact, said by the saga when a canceled run has nothing pending any more. Said once.</summary>
public sealed record AudienceSyncCanceled
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Key of the audience.</summary>
    public required string Audience { get; init; }

    /// <summary>Name of the destination.</summary>
    public required string Destination { get; init; }

    /// <summary>Who asked: an operator name or <c>cli</c>, <c>api</c>; up to 128 characters, never a person the hub has data of.</summary>
    public required string By { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
