using IntegrationHub.Identity;
using IntegrationHub.Storage.Sealing;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Decisions with who took them and why: each call is one statement on both dialects.</summary>
internal static class RulingTables
{
    /// <summary>The decisions that are about one of the keys, oldest first; those that this version cannot read are told of by <see cref="UnreadableDecisions"/>.</summary>
    public static async Task<IReadOnlyList<DecidedRuling>> LoadAsync(HubDbContext db, string tenantId, IEnumerable<PersonKey> keys, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        string Side(string column) => $"SELECT d.decision_id, d.verdict, d.key_a, d.key_b, d.decided_at, d.decided_by, d.reason FROM {session.Rows(("person_key", "text"))} r {session.Lookup("identity_decisions", "d", $"d.tenant_id = @tenant AND d.{column} = r.person_key")}";
        var rulings = await session.ReadAsync(
            $"{Side("key_a")} UNION {Side("key_b")} ORDER BY 5, 1",
            row => IdentityDecision.Read(row.GetString(1), row.GetString(2), row.GetString(3), row.Time(4)) is { } decision ? new DecidedRuling(decision, row.GetString(5), row.GetString(6)) : null,
            cancellationToken,
            ("tenant", tenantId), ("rows", RowsOf(keys)));
        return [.. rulings.OfType<DecidedRuling>()];
    }

    /// <summary>Appends a decision.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="tenantId">Tenant.</param>
    /// <param name="ruling">The decision.</param>
    /// <param name="before">Of a merge: what cannot be computed again when it is undone, as <see cref="FormerKeyImage"/> writes it; else null.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task AddAsync(HubDbContext db, string tenantId, DecidedRuling ruling, string? before, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var (verdict, a, b, at) = ruling.Decision;
        await session.ExecuteAsync(
            "INSERT INTO identity_decisions (tenant_id, verdict, key_a, key_b, decided_at, decided_by, reason, before) VALUES (@tenant, @verdict, @a, @b, @at, @by, @reason, @before)",
            cancellationToken,
            ("tenant", tenantId), ("verdict", IdentityDecision.WordOf(verdict)), ("a", a.ToString()), ("b", b.ToString()), ("at", at), ("by", ruling.By), ("reason", ruling.Reason), ("before", before is null ? null : SealingKeys.Of(db).Seal(SealedColumn.DecisionBefore, SealedColumn.Joined(a.ToString(), b.ToString()), before)));
    }

    /// <summary>What was so before two keys were merged last; null when nothing is kept of it.</summary>
    public static async Task<string?> LoadBeforeAsync(HubDbContext db, string tenantId, PersonKey a, PersonKey b, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ScalarAsync(
            "SELECT before FROM identity_decisions WHERE tenant_id = @tenant AND key_a = @a AND key_b = @b AND verdict = 'merge' ORDER BY decided_at DESC, decision_id DESC LIMIT 1",
            cancellationToken, ("tenant", tenantId), ("a", a.ToString()), ("b", b.ToString())) is string before
            ? SealingKeys.Of(db).Open(SealedColumn.DecisionBefore, SealedColumn.Joined(a.ToString(), b.ToString()), before)
            : null;
    }

    /// <summary>Where the keys stand is to be found out anew.</summary>
    public static async Task ForgetStatesAsync(HubDbContext db, string tenantId, IEnumerable<PersonKey> keys, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"UPDATE identity_keys SET state = NULL WHERE tenant_id = @tenant AND person_key IN (SELECT person_key FROM {session.Rows(("person_key", "text"))} r)",
            cancellationToken,
            ("tenant", tenantId), ("rows", RowsOf(keys)));
    }

    private static string RowsOf(IEnumerable<PersonKey> keys) => JsonRows.Of(keys.Distinct(), (writer, key) => writer.WriteStringValue(key.ToString()));
}
