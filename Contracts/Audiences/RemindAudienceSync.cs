namespace IntegrationHub.Contracts.Audiences;

/// <summary>
/// Said by the hub to a run that is not over, once when an instance starts: the bus may have forgotten what it carried. The run asks for its
/// pending step again. Steps may be repeated, so saying it too often does no harm.
/// </summary>
public sealed record RemindAudienceSync
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
