using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Up to which grants vendors were told that rules have ended them; the same SQL on both dialects.</summary>
internal static class ConsentEnds
{
    /// <summary>The grants of a purpose that come next, the earliest ones first.</summary>
    public static async Task<IReadOnlyList<EndedGrant>> NextAsync(HubDbContext db, string tenantId, string purpose, string life, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var told = (await session.ReadAsync(
            "SELECT subject_key, decided_at FROM consent_ends WHERE purpose = @purpose AND life = @life", row => new EndedGrant(row.GetString(0), row.Time(1)), cancellationToken,
            ("purpose", purpose), ("life", life))).DefaultIfEmpty(new EndedGrant("", DateTimeOffset.MinValue)).First();
        return await session.ReadAsync(
            $"""
            SELECT subject_key, decided_at FROM consents
            WHERE tenant_id = @tenant AND purpose = @purpose AND status = '{ConsentWord.Granted}' AND (decided_at, subject_key) > (@at, @key) ORDER BY decided_at, subject_key LIMIT @limit
            """,
            row => new EndedGrant(row.GetString(0), row.Time(1)), cancellationToken,
            ("tenant", tenantId), ("purpose", purpose), ("at", told.DecidedAt), ("key", told.SubjectKey), ("limit", limit));
    }

    /// <summary>Notes that everything up to a grant was told.</summary>
    public static async Task KeepAsync(HubDbContext db, string purpose, string life, EndedGrant last, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(
            """
            INSERT INTO consent_ends (purpose, life, decided_at, subject_key) VALUES (@purpose, @life, @at, @key)
            ON CONFLICT (purpose, life) DO UPDATE SET decided_at = excluded.decided_at, subject_key = excluded.subject_key
            """,
            cancellationToken, ("purpose", purpose), ("life", life), ("at", last.DecidedAt), ("key", last.SubjectKey));
    }
}
