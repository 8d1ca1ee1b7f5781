namespace IntegrationHub.Storage.Deliveries;

/// <summary>What a call found when it wanted to begin.</summary>
/// <param name="Busy">Names that calls of other batches hold; when there is one, nothing was entered.</param>
/// <param name="Moved">Whose profile is not in the version that was claimed, as it stands; read after the call was entered.</param>
/// <param name="Held">Runs whose records are not to be sent: a person holds the run or stopped it, or it is over; read after the call was entered.</param>
public sealed record CallEntry(IReadOnlySet<long> Busy, IReadOnlyDictionary<long, MovedPerson> Moved, IReadOnlySet<Guid> Held)
{
    /// <summary>Profiles of people of whom a decision about who they are cannot be read.</summary>
    public IReadOnlySet<long> Unreadable { get; init; } = new HashSet<long>();

    /// <summary>True when somebody else took the lease of the call, so that nothing of it is to be sent; read after the call was entered.</summary>
    public bool LostItsLease { get; init; }

    /// <summary>All runs are being delivered.</summary>
    public static IReadOnlySet<Guid> NoneHeld { get; } = new HashSet<Guid>();

    /// <summary>Everybody is as they were claimed.</summary>
    public static IReadOnlyDictionary<long, MovedPerson> NobodyMoved { get; } = new Dictionary<long, MovedPerson>();
}
