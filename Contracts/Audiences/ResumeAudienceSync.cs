namespace IntegrationHub.Contracts.Audiences;

/// <summary>Command to the saga: go on where the run was paused. Ignored unless it is paused.</summary>
public sealed record ResumeAudienceSync
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Who asked: an operator name or <c>cli</c>, <c>api</c>; up to 128 characters, never a person the hub has data of.</summary>
    public required string By { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
