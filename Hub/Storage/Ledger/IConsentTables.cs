namespace IntegrationHub.Storage.Ledger;

/// <summary>Consent in the ledger, in one dialect: each call is one or two statements for the whole batch, in the caller's transaction.</summary>
internal interface IConsentTables
{
    /// <summary>Appends decisions to the history, with the position of the fact that stated them; without one where the hub itself says it.</summary>
    Task AddHistoryAsync(HubDbContext db, string tenantId, IReadOnlyList<(Guid EventId, long? Position, ConsentRow Decision)> decisions, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Keeps of each key and purpose the decision that counts; at most one of them per key and purpose is given.</summary>
    Task KeepAsync(HubDbContext db, string tenantId, IReadOnlyList<ConsentRow> decisions, CancellationToken cancellationToken);

    /// <summary>Grants whose time is over and of which that was not written down, the earliest ones first.</summary>
    Task<IReadOnlyList<(string TenantId, ConsentRow Decision)>> LoadEndedAsync(HubDbContext db, DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>Writes down of grants that they have ended.</summary>
    Task EndAsync(HubDbContext db, string tenantId, IReadOnlyList<ConsentRow> grants, CancellationToken cancellationToken);

    /// <summary>Decisions under the keys.</summary>
    Task<IReadOnlyList<ConsentRow>> LoadAsync(HubDbContext db, string tenantId, string[] subjectKeys, CancellationToken cancellationToken);

    /// <summary>Owes the destinations that keep consent of the purposes, and know or await the person, a <c>set_consent</c>.</summary>
    Task OweAsync(HubDbContext db, IReadOnlyList<(long ProfileId, string Purpose)> changes, DateTimeOffset now, CancellationToken cancellationToken);
}
