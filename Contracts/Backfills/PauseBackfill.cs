namespace IntegrationHub.Contracts.Backfills;

/// <summary>Command of a person, or of the hub when it may not go on: hold the run. What is under way is finished.</summary>
public sealed record PauseBackfill
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Who: a principal, never a person the hub has data of; up to 128 characters.</summary>
    public required string By { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Why, and what to do about it, in sentences without personal data; null when a person holds it.</summary>
    public string? Reason { get; init; }
}
