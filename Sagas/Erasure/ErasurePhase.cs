namespace IntegrationHub.Sagas.Erasure;

/// <summary>The names of the states of an erasure, as its row holds them.</summary>
public static class ErasurePhase
{
    /// <summary>A person has to agree first; nothing was done.</summary>
    public const string AwaitingApproval = nameof(AwaitingApproval);

    /// <summary>The tombstones are being written.</summary>
    public const string Suppressing = nameof(Suppressing);

    /// <summary>The person is deleted at the destinations.</summary>
    public const string ErasingDestinations = nameof(ErasingDestinations);

    /// <summary>The hub's own tables are emptied of the person.</summary>
    public const string ErasingOwn = nameof(ErasingOwn);

    /// <summary>Erased; looked after again after seven and thirty days.</summary>
    public const string Rechecking = nameof(Rechecking);

    /// <summary>Over, with everything absent.</summary>
    public const string Completed = nameof(Completed);

    /// <summary>Over, and a destination could not delete.</summary>
    public const string CompletedWithIssues = nameof(CompletedWithIssues);

    /// <summary>Somebody refused it; nothing was done.</summary>
    public const string Refused = nameof(Refused);
}
