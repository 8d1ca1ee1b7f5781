namespace IntegrationHub.Sagas.Erasure.Messages;

/// <summary>The hub could not finish a step, as when a vendor is in trouble or does not show yet what it deleted: ask again then.</summary>
public sealed record ErasureStepPostponed
{
    /// <summary>The erasure.</summary>
    public required Guid RequestId { get; init; }

    /// <summary>Name of the command that is to be asked for again.</summary>
    public required string Step { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>What is waited for, in a sentence without personal data.</summary>
    public required string WaitingFor { get; init; }
}
