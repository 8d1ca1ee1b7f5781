namespace IntegrationHub.Sagas.Erasure.Messages;

/// <summary>Asks for the erasure of a person whose keys the hub has sealed under the id; they stand in no message.</summary>
public sealed record RequestErasure
{
    /// <summary>The erasure.</summary>
    public required Guid RequestId { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The law that it is asked under, one of <see cref="ErasureLaw"/>.</summary>
    public required string Law { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>Names the person without telling who it is: a keyed hash.</summary>
    public required string SubjectHash { get; init; }

    /// <summary>Who asks.</summary>
    public required string By { get; init; }

    /// <summary>The approval that is waited for; null when none is needed.</summary>
    public Guid? ApprovalId { get; init; }
}
