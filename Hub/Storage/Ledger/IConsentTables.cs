namespace IntegrationHub.Storage.Ledger;

/// <summary>Consent in the ledger, in one dialect: each call is one or two statements for the whole batch, in the caller's transaction.</summary>
internal interface IConsentTables
{
    /// <summary>Appends decisions to the history.</summary>
    Task AddHistoryAsync(HubDbContext db, string tenantId, IReadOnlyList<(Guid EventId, ConsentRow Decision)> decisions, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Keeps of each key and purpose the decision that counts; at most one of them per key and purpose is given.</summary>
    Task KeepAsync(HubDbContext db, string tenantId, IReadOnlyList<ConsentRow> decisions, CancellationToken cancellationToken);

    /// <summary>Decisions under the keys.</summary>
    Task<IReadOnlyList<ConsentRow>> LoadAsync(HubDbContext db, string tenantId, string[] subjectKeys, CancellationToken cancellationToken);

    /// <summary>Owes the destinations that keep consent of the purposes, and know or await the person, a <c>set_consent</c>.</summary>
    Task OweAsync(HubDbContext db, IReadOnlyList<(long ProfileId, string Purpose)> changes, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Replaces the routes.</summary>
    Task ReplaceRoutesAsync(HubDbContext db, IReadOnlyList<ConsentRoute> routes, int partitions, CancellationToken cancellationToken);
}
