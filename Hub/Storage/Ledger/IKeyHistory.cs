namespace IntegrationHub.Storage.Ledger;

/// <summary>A key that a profile had.</summary>
internal readonly record struct FormerKey(long ProfileId, string SubjectKey);

/// <summary>Keys that profiles had and have no more, in one dialect: each call is one statement, in the caller's transaction.</summary>
internal interface IKeyHistory
{
    /// <summary>The former keys of the profiles.</summary>
    Task<IReadOnlyList<FormerKey>> LoadAsync(HubDbContext db, long[] profileIds, CancellationToken cancellationToken);

    /// <summary>Remembers keys; one that is remembered already stays as it is.</summary>
    Task AddAsync(HubDbContext db, string tenantId, IReadOnlyList<FormerKey> keys, DateTimeOffset now, CancellationToken cancellationToken);
}
