namespace IntegrationHub.Contracts.Audiences;

/// <summary>Lifecycle fact, said by the saga when every record has its outcome and the vendor was read back. Said once.</summary>
public sealed record AudienceSyncCompleted
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Key of the audience.</summary>
    public required string Audience { get; init; }

    /// <summary>Name of the destination.</summary>
    public required string Destination { get; init; }

    /// <summary>True when records were rejected or dead-lettered or the read-back differs.</summary>
    public required bool WithIssues { get; init; }

    /// <summary>Members that the destination should have.</summary>
    public required long Expected { get; init; }

    /// <summary>Expected members that were not found.</summary>
    public required long Missing { get; init; }

    /// <summary>Members at the vendor that should not be there.</summary>
    public required long Unexpected { get; init; }

    /// <summary>People of the run in whom a field is not what was written, of those whose fields were read back.</summary>
    public long Differing { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
