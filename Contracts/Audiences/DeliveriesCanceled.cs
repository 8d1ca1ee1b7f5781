namespace IntegrationHub.Contracts.Audiences;

/// <summary>Said by the hub when nothing is pending for a canceled run.</summary>
public sealed record DeliveriesCanceled
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Records that were settled as canceled by this step.</summary>
    public required long Canceled { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
