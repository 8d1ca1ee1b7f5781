namespace IntegrationHub.Contracts.Audiences;

/// <summary>Command to the audience-sync saga: make one destination look like one audience. A repeat for the same run is ignored.</summary>
public sealed record StartAudienceSync
{
    /// <summary>Largest <see cref="MaxAdditionMultiple"/> that is taken; far above any real audience and within the range of decimal arithmetic.</summary>
    public const double LargestAdditionMultiple = 1_000_000;

    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Key of the audience.</summary>
    public required string Audience { get; init; }

    /// <summary>Name of the destination.</summary>
    public required string Destination { get; init; }

    /// <summary>One of <see cref="SyncMode"/>.</summary>
    public required string Mode { get; init; }

    /// <summary>Snapshot to apply to the audience first, or null to sync the audience as the ledger knows it.</summary>
    public Guid? SnapshotId { get; init; }

    /// <summary>Guardrail: a plan that removes more than this share of the current members (0 to 1) waits for approval.</summary>
    public required double MaxRemovalShare { get; init; }

    /// <summary>Guardrail: a plan that adds more than this multiple of the current members waits for approval, 0 to <see cref="LargestAdditionMultiple"/>; null or an empty destination: no limit.</summary>
    public double? MaxAdditionMultiple { get; init; }

    /// <summary>Who asked: an operator name or <c>cli</c>, <c>api</c>; up to 128 characters, never a person the hub has data of.</summary>
    public required string By { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
