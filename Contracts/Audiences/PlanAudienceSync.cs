namespace IntegrationHub.Contracts.Audiences;

/// <summary>Command from the saga to the hub: decide for every considered subject what the destination should look like. Resumes after a crash; answered by AudienceSyncPlanned or AudienceSyncStepFailed.</summary>
public sealed record PlanAudienceSync
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Key of the audience.</summary>
    public required string Audience { get; init; }

    /// <summary>Name of the destination.</summary>
    public required string Destination { get; init; }

    /// <summary>One of <see cref="SyncMode"/>.</summary>
    public required string Mode { get; init; }
}
