using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Storage.DeadLetters;

/// <summary>One letter with what it is made of, its corrections and what happened to it; the same SQL on both dialects.</summary>
public static class LetterBook
{
    /// <summary>What it is made of; null when the letter or its person is gone.</summary>
    public static async Task<LetterContent?> FindContentAsync(HubDbContext db, long letterId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        var found = await session.ReadAsync(
            $"""
            SELECT l.operation, l.status, l.version, p.external_id, p.email, p.phone, p.attributes, f.body, f.event_id, p.profile_id
            FROM dead_letters l
            {session.Lookup("profiles", "p", "p.profile_id = l.profile_id")}
            {session.OptionalLookup("facts", "f", "f.position = l.fact_position AND f.received_at = l.fact_received_at")}
            WHERE l.dead_letter_id = @id
            """,
            row => new LetterContent(
                OperationCode.IsKnown(row.GetInt16(0)) ? OperationCode.ToOperation(row.GetInt16(0)) : null, row.GetString(1), row.GetInt32(2), row.TextOrNull(3), row.TextOrNull(4), row.TextOrNull(5), keys.Open(SealedColumn.ProfileAttributes, row.GetInt64(9), row.GetString(6)), keys.OpenFact(row, 8, 7)),
            cancellationToken, ("id", letterId));
        return found.FirstOrDefault();
    }

    /// <summary>Its corrections, the first one first.</summary>
    public static async Task<IReadOnlyList<LetterVersion>> ListVersionsAsync(HubDbContext db, long letterId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        return await session.ReadAsync(
            "SELECT version, changes, changed_by, reason, at FROM letter_versions WHERE letter_id = @id ORDER BY version",
            row => new LetterVersion(row.GetInt32(0), keys.Open(SealedColumn.LetterChanges, SealedColumn.Joined(letterId, row.GetInt32(0)), row.GetString(1)), row.GetString(2), row.TextOrNull(3), row.Time(4)), cancellationToken, ("id", letterId));
    }

    /// <summary>What happened to it since it died, the first thing first.</summary>
    public static async Task<IReadOnlyList<LetterEntry>> ListHistoryAsync(HubDbContext db, long letterId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            "SELECT at, action_id, status, code FROM letter_history WHERE letter_id = @id ORDER BY at",
            row => new LetterEntry(row.Time(0), row.IsDBNull(1) ? null : row.GetInt64(1), row.GetString(2), row.GetString(3)), cancellationToken, ("id", letterId));
    }

    /// <summary>Adds a correction, in the caller's transaction; the action that raises the letter's version belongs to the same.</summary>
    /// <returns>False when somebody else corrected it first.</returns>
    public static async Task<bool> AddVersionAsync(HubDbContext db, long letterId, LetterVersion version, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(version);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        return await session.ExecuteAsync(
            "INSERT INTO letter_versions (letter_id, version, changes, changed_by, reason, at) VALUES (@id, @version, @changes, @by, @reason, @at) ON CONFLICT (letter_id, version) DO NOTHING",
            cancellationToken,
            ("id", letterId), ("version", version.Version), ("changes", SealingKeys.Of(db).Seal(SealedColumn.LetterChanges, SealedColumn.Joined(letterId, version.Version), version.ChangesJson)), ("by", version.By), ("reason", version.Reason), ("at", version.At)) == 1;
    }
}
