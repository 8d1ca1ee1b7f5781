namespace IntegrationHub.Storage.Ledger;

/// <summary>A membership statement for the tables.</summary>
internal readonly record struct MembershipRow(string Audience, long ProfileId, bool IsMember, DateTimeOffset OccurredAt)
{
    /// <summary>The later one counts; of two at the same time membership does, whichever came first. The tables' statements say the same.</summary>
    public bool Beats(MembershipRow other) => OccurredAt > other.OccurredAt || (OccurredAt == other.OccurredAt && IsMember && !other.IsMember);
}

/// <summary>The ledger's tables in one dialect: each call is one or two statements for the whole batch, in the caller's transaction.</summary>
internal interface ILedgerTables
{
    /// <summary>Makes this transaction the ledger's only writer until it ends, and compares the version of the configuration with the one in force once it is: no round trip more.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="config">The version that the work goes by; null where nobody needs to know.</param>
    /// <exception cref="Configurations.ConfigurationBehindException">Another version is in force.</exception>
    Task LockAsync(HubDbContext db, CancellationToken cancellationToken, long? config = null);

    /// <summary>Enters event ids, each given once; returns the places of those that were new, whose positions rise in the order given.</summary>
    Task<Dictionary<Guid, FactPlace>> AddIdsAsync(HubDbContext db, IReadOnlyList<Guid> eventIds, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Appends new facts, whose ids were entered in this transaction, with whom they are about.</summary>
    Task AddFactsAsync(HubDbContext db, IReadOnlyList<PlacedFact> facts, CancellationToken cancellationToken);

    /// <summary>Takes the ids of facts back that were entered in this transaction and not appended.</summary>
    Task TakeBackIdsAsync(HubDbContext db, IReadOnlyList<Guid> eventIds, CancellationToken cancellationToken);

    /// <summary>Profiles that are asked for in one way or another, each once.</summary>
    Task<IReadOnlyList<ProfileRow>> LoadProfilesAsync(HubDbContext db, string tenantId, ProfileQuery query, CancellationToken cancellationToken);

    /// <summary>Sets profile ids of new profiles, writes new, changed and touched ones.</summary>
    Task WriteProfilesAsync(HubDbContext db, string tenantId, IReadOnlyList<SubjectEntry> entries, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Writes memberships that are not older than what is known, and marks them for delta runs; at most one per audience and profile is given.</summary>
    Task WriteMembershipsAsync(HubDbContext db, IReadOnlyList<MembershipRow> memberships, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Marks profiles for the delta runs of every destination of their audiences.</summary>
    Task MarkChangedAsync(HubDbContext db, long[] profileIds, CancellationToken cancellationToken);
}
