using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Which statements of memberships would win over what stands. The same SQL on both dialects.</summary>
internal static class MembershipDrift
{
    /// <summary>The statements that would win, at most one per audience and profile is given; of people who have several profiles each is compared with what is kept of its own.</summary>
    public static async Task<IReadOnlySet<(string Audience, long ProfileId)>> FindAsync(HubDbContext db, IReadOnlyList<MembershipRow> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
        {
            return new HashSet<(string, long)>();
        }

        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var at = session.IsSqlite ? "r.occurred_at" : "(TIMESTAMPTZ 'epoch' + r.occurred_at * INTERVAL '1 microsecond')";
        var found = await session.ReadAsync(
            $"""
            SELECT r.audience, r.profile_id FROM {session.Rows(("audience", "text"), ("profile_id", "bigint"), ("is_member", "integer"), ("occurred_at", "bigint"))} r
            LEFT JOIN audiences a ON a.audience = r.audience
            {session.OptionalLookup("identity_memberships", "g", "g.profile_id = r.profile_id AND g.audience = r.audience")}
            {session.OptionalLookup("memberships", "m", "m.audience = r.audience AND m.profile_id = r.profile_id")}
            WHERE (a.audience IS NULL OR {at} > a.asserted_at)
              AND (coalesce(g.occurred_at, m.occurred_at) IS NULL OR {at} > coalesce(g.occurred_at, m.occurred_at)
                  OR ({at} = coalesce(g.occurred_at, m.occurred_at) AND r.is_member <> 0 AND NOT coalesce(g.is_member, m.is_member)))
            """,
            reader => (reader.GetString(0), reader.GetInt64(1)), cancellationToken,
            ("rows", JsonRows.Of(rows, (writer, row) =>
            {
                writer.WriteStringValue(row.Audience);
                writer.WriteNumberValue(row.ProfileId);
                writer.WriteNumberValue(row.IsMember ? 1 : 0);
                writer.WriteNumberValue(session.IsSqlite ? row.OccurredAt.UtcTicks : (row.OccurredAt.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond);
            })));
        return found.ToHashSet();
    }
}
