using System.Data.Common;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Merges that producers stated, and keys that are contested: each call is one statement on both dialects.</summary>
internal static class ProposalTables
{
    private const string Columns = "event_id, key_stays, key_gone, producer, occurred_at";

    /// <summary>Notes what producers state, in the caller's transaction.</summary>
    public static async Task AddAsync(HubDbContext db, string tenantId, IEnumerable<MergeProposal> proposals, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        foreach (var proposal in proposals) // merges are rare
        {
            await session.ExecuteAsync(
                $"INSERT INTO identity_proposals (tenant_id, {Columns}) VALUES (@tenant, @event, @stays, @gone, @producer, @at) ON CONFLICT DO NOTHING",
                cancellationToken,
                ("tenant", tenantId), ("event", proposal.EventId), ("stays", proposal.Stays.ToString()), ("gone", proposal.Gone.ToString()), ("producer", proposal.Producer), ("at", proposal.OccurredAt));
        }
    }

    /// <summary>Proposals that wait, those that were tried least first: of all producers, or of some.</summary>
    public static async Task<IReadOnlyList<MergeProposal>> LoadAsync(HubDbContext db, string tenantId, IReadOnlyCollection<string>? producers, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var ofSome = producers is null ? "" : $"AND producer IN (SELECT producer FROM {session.Rows(("producer", "text"))} r)";
        return await session.ReadAsync(
            $"SELECT {Columns} FROM identity_proposals WHERE tenant_id = @tenant AND outcome IS NULL AND {UnreadableDecisions.KindIsKnown("key_stays")} AND {UnreadableDecisions.KindIsKnown("key_gone")} {ofSome} ORDER BY tried, occurred_at, event_id LIMIT @limit",
            row => new MergeProposal(row.GetGuid(0), PersonKey.Read(row.GetString(1)), PersonKey.Read(row.GetString(2)), row.GetString(3), row.Time(4)),
            cancellationToken,
            [("tenant", tenantId), ("limit", (long)limit), .. producers is null ? Array.Empty<(string, object?)>() : [("rows", JsonRows.Of(producers, (writer, name) => writer.WriteStringValue(name)))]]);
    }

    /// <summary>Notes what became of a proposal; a word.</summary>
    public static async Task SettleAsync(HubDbContext db, Guid eventId, string outcome, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync("UPDATE identity_proposals SET outcome = @outcome WHERE event_id = @event", cancellationToken, ("outcome", outcome), ("event", eventId));
    }

    /// <summary>Notes that a proposal could not be decided yet, so that others come before it.</summary>
    public static async Task WaitAsync(HubDbContext db, Guid eventId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync("UPDATE identity_proposals SET tried = tried + 1 WHERE event_id = @event", cancellationToken, ("event", eventId));
    }

    /// <summary>How many keys are contested by the word for their kind, and how many merges wait; of each so many as are counted of a list.</summary>
    public static async Task<IReadOnlyList<(string Kind, long Count)>> CountAsync(HubDbContext db, string tenantId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var kind = session.IsSqlite ? "substr(person_key, 1, instr(person_key, ':') - 1)" : "split_part(person_key, ':', 1)";
        return await session.ReadAsync(
            $"""
            SELECT {kind}, count(*) FROM (SELECT person_key FROM identity_keys WHERE tenant_id = @tenant AND state = 'contested' LIMIT {Page.MostCounted + 1}) k GROUP BY 1
            UNION ALL SELECT '{IdentityProposals.MergeKind}', count(*) FROM (SELECT 1 FROM identity_proposals WHERE tenant_id = @tenant AND outcome IS NULL LIMIT {Page.MostCounted + 1}) p
            ORDER BY 1
            """,
            Count, cancellationToken, ("tenant", tenantId));
    }

    /// <summary>Keys that are contested, sorted: of all kinds, or of one by its word.</summary>
    public static async Task<IReadOnlyList<PersonKey>> LoadContestedAsync(HubDbContext db, string tenantId, string? kind, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"SELECT person_key FROM identity_keys WHERE tenant_id = @tenant AND state = 'contested' AND {UnreadableDecisions.KindIsKnown("person_key")} AND (@kind = '' OR substr(person_key, 1, length(@kind) + 1) = @kind || ':') ORDER BY person_key LIMIT @limit",
            row => PersonKey.Read(row.GetString(0)), cancellationToken, ("tenant", tenantId), ("kind", kind ?? ""), ("limit", (long)limit));
    }

    private static (string Kind, long Count) Count(DbDataReader row) => (row.GetString(0), row.GetInt64(1));
}
