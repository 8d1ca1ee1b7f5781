namespace IntegrationHub.Storage.Backfills;

/// <summary>How an event of the log stands at a destination, and whose it is by now. Holds personal data.</summary>
/// <param name="Position">Where it stands in the log.</param>
/// <param name="ProfileId">The person: of profiles that became one, the one that is shown.</param>
/// <param name="ExternalId">The company's id, or null.</param>
/// <param name="Email">E-mail address, or null.</param>
/// <param name="ConsentJson">Consent states as kept with the profile.</param>
public sealed record EventStanding(long Position, long ProfileId, string? ExternalId, string? Email, string ConsentJson)
{
    /// <summary>The person stands in the run's scope; of no meaning where the run names no people.</summary>
    public bool IsInScope { get; init; }

    /// <summary>The replay that the selection names told of it.</summary>
    public bool IsOfRun { get; init; }

    /// <summary>The destination knows the person.</summary>
    public bool IsKnown { get; init; }

    /// <summary>The destination was told, as a receipt says.</summary>
    public bool IsTold { get; init; }

    /// <summary>Somebody tried to tell it, and a receipt says that nobody knows what became of that.</summary>
    public bool IsInDoubt { get; init; }

    /// <summary>A dead letter of it waits for people.</summary>
    public bool HasLetter { get; init; }

    /// <summary>It is owed to the destination already.</summary>
    public bool IsOwed { get; init; }
}
