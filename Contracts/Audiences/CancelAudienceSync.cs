namespace IntegrationHub.Contracts.Audiences;

/// <summary>Command to the saga: stop the run; what was not delivered is settled as suppressed with reason run_canceled. Ignored in a final state.</summary>
public sealed record CancelAudienceSync
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Who asked: an operator name or <c>cli</c>, <c>api</c>; up to 128 characters, never a person the hub has data of.</summary>
    public required string By { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
