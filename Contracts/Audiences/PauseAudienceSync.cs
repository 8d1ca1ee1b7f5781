namespace IntegrationHub.Contracts.Audiences;

/// <summary>Command to the saga: hold the run where it is; batches that are under way are finished. Ignored in a final state.</summary>
public sealed record PauseAudienceSync
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Who asked: an operator name or <c>cli</c>, <c>api</c>; up to 128 characters, never a person the hub has data of.</summary>
    public required string By { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
