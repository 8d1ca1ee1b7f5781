namespace IntegrationHub.Contracts.Audiences;

/// <summary>Command from the saga to the hub: a run made no progress in time; say why. Answered by AudienceSyncDiagnosed.</summary>
public sealed record DiagnoseAudienceSync
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Key of the audience.</summary>
    public required string Audience { get; init; }

    /// <summary>Name of the destination.</summary>
    public required string Destination { get; init; }

    /// <summary>State in which the run stands still.</summary>
    public required string State { get; init; }
}
