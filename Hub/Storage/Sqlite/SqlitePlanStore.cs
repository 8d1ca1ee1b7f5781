using System.Data.Common;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Plans;
using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>Plans on SQLite: the same steps as on PostgreSQL, one statement each under the single writer's lock.</summary>
internal sealed class SqlitePlanStore : IPlanStore
{
    private const string OpenSql =
        "INSERT INTO run_plans (run_id, destination, audience, mode) VALUES (@run, @destination, @audience, @mode) ON CONFLICT (run_id) DO NOTHING";

    // The marks of changes become the run's scope; a scope that an ended run left behind is taken over, so no change is forgotten.
    private const string Abandoned =
        "SELECT o.run_id FROM run_plans o WHERE o.destination = @destination AND o.audience = @audience AND (NOT o.completed OR o.canceled) AND o.run_id <> @run";

    private const string TakeScopeSql =
        $"""
        INSERT OR IGNORE INTO run_scope (run_id, profile_id)
        SELECT @run, profile_id FROM audience_changes WHERE destination = @destination AND audience = @audience
        UNION SELECT @run, profile_id FROM run_scope WHERE run_id IN ({Abandoned});
        DELETE FROM audience_changes WHERE destination = @destination AND audience = @audience;
        DELETE FROM run_scope WHERE run_id IN ({Abandoned});
        """;

    private const string MembersSql =
        """
        SELECT profile_id FROM memberships WHERE audience = @audience AND is_member AND profile_id > @after
        UNION
        SELECT profile_id FROM destination_members WHERE destination = @destination AND audience = @audience AND (is_member OR in_doubt) AND profile_id > @after
        ORDER BY profile_id LIMIT @limit
        """;

    private const string CountSql =
        """
        SELECT count(*) FROM (
            SELECT profile_id FROM memberships WHERE audience = @audience AND is_member
            UNION SELECT profile_id FROM destination_members WHERE destination = @destination AND audience = @audience AND (is_member OR in_doubt))
        """;

    private const string ScopeSql = "SELECT profile_id FROM run_scope WHERE run_id = @run AND profile_id > @after ORDER BY profile_id LIMIT @limit";

    private const string CandidatesSql =
        $$"""
        SELECT c.profile_id, p.external_id, p.email, p.phone,
            CASE WHEN d.profile_version = p.version AND d.plan_version = @plan THEN NULL ELSE p.attributes END,
            p.consent, p.version, coalesce(m.is_member, 0), coalesce(r.is_member, 0), coalesce(r.added_by_hub, 0), d.content_hash, d.remote_id,
            coalesce(r.in_doubt, 0), p.person_id IS NOT NULL, (SELECT coalesce(max(position), 0) FROM consent_history), CASE WHEN d.plan_version = @plan THEN d.profile_version END, {{ProfileMarks.InSql}}
        FROM ({0}) c
        JOIN profiles p ON p.profile_id = c.profile_id
        LEFT JOIN memberships m ON m.audience = @audience AND m.profile_id = c.profile_id
        LEFT JOIN destination_members r ON r.destination = @destination AND r.audience = @audience AND r.profile_id = c.profile_id
        LEFT JOIN destination_profiles d ON d.destination = @destination AND d.profile_id = c.profile_id
        ORDER BY c.profile_id
        """;

    private const string AdvanceSql = "UPDATE run_plans SET cursor = @cursor WHERE run_id = @run AND cursor = @previous AND NOT completed AND NOT canceled";

    private const string DeliverySql =
        """
        INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, attempt, created_at)
        VALUES (@run, @destination, @lane, @partition, @operation, @profile, @audience, @at, 0, @at)
        """;

    private const string OutcomeSql =
        """
        INSERT INTO outcomes (run_id, profile_id, destination, audience, outcome, code, attempts, at, policy_id, decided_position, config_version)
        VALUES (@run, @profile, @destination, @audience, @outcome, @code, 0, @at, @policy, @position, @config)
        """;

    private const string UnknownSql =
        """
        SELECT coalesce(p.person_id, p.profile_id) FROM audiences a
        JOIN snapshot_rejects r ON r.snapshot_id = a.snapshot_id
        CROSS JOIN json_each(r.external_ids) e
        JOIN profiles p ON p.tenant_id = 'default' AND p.external_id = e.value
        WHERE a.audience = @audience
        """;

    private const string RejectedSql =
        """
        INSERT INTO dead_letters (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at)
        SELECT @run, @destination, @audience, json_extract(value, '$[0]'), json_extract(value, '$[1]'), 'rejected', json_extract(value, '$[2]'), 0, @at
        FROM json_each(@rows)
        """;

    // Removals are in doubt since the first list with rows that name nobody, until a list without such rows has come.
    // Members are counted as far as the guardrails need: just beyond the number at which the plan is too much for them.
    private const string CompleteSql =
        """
        WITH owed AS (
            SELECT count(*) FILTER (WHERE operation = 1) AS to_update, count(*) FILTER (WHERE operation = 2) AS to_add,
                   count(*) FILTER (WHERE operation = 3) AS to_remove
            FROM deliveries WHERE run_id = @run),
        enough AS (
            SELECT CASE WHEN (o.to_remove > 0 AND s.max_removal_share = 0) OR (o.to_add > 0 AND s.max_addition_multiple = 0) THEN -1
                ELSE 2 + CAST(min(1e18, max(
                    o.to_remove / coalesce(nullif(s.max_removal_share, 0), 1.0), o.to_add / coalesce(nullif(s.max_addition_multiple, 0), 1e18))) AS INTEGER)
                END AS members
            FROM owed o CROSS JOIN audience_syncs s WHERE s.correlation_id = @run)
        UPDATE run_plans SET completed = 1,
            planned = (SELECT coalesce(sum(count), 0) FROM run_tallies WHERE run_id = @run AND outcome = 'planned'),
            to_update = (SELECT to_update FROM owed), to_add = (SELECT to_add FROM owed), to_remove = (SELECT to_remove FROM owed),
            unread_rows = CASE WHEN (SELECT to_remove FROM owed) = 0 THEN 0 ELSE coalesce((
                SELECT a.unread_rows FROM audiences a
                WHERE a.audience = @audience AND a.unread_rows > 0 AND EXISTS (
                    SELECT 1 FROM deliveries d LEFT JOIN memberships m ON m.audience = @audience AND m.profile_id = d.profile_id
                    WHERE d.run_id = @run AND d.operation = 3 AND (m.profile_id IS NULL OR (NOT m.is_member AND m.occurred_at >= a.unread_since)))), 0) END,
            current_members = (SELECT count(*) FROM (
                SELECT 1 FROM destination_members WHERE destination = @destination AND audience = @audience AND is_member
                LIMIT coalesce((SELECT members FROM enough), -1)))
        WHERE run_id = @run AND NOT completed AND NOT canceled
        """;

    private const string TotalsSql =
        "SELECT coalesce(planned, 0), coalesce(to_add, 0), coalesce(to_remove, 0), coalesce(to_update, 0), coalesce(current_members, 0), coalesce(unread_rows, 0) FROM run_plans WHERE run_id = @run";

    public async Task<PlanProgress> OpenAsync(HubDbContext db, PlanRequest request, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        (string, object?)[] parameters = [("run", request.RunId), ("destination", request.Destination), ("audience", request.Audience), ("mode", request.Mode)];
        if (await session.ExecuteAsync(OpenSql, cancellationToken, parameters) == 1 && PlanCounts.TakesMarks(request))
        {
            await session.ExecuteAsync(TakeScopeSql, cancellationToken, parameters[..3]);
        }

        var progress = await session.ReadAsync(
            "SELECT cursor, completed OR canceled FROM run_plans WHERE run_id = @run", reader => new PlanProgress(reader.GetInt64(0), reader.GetBoolean(1)),
            cancellationToken, ("run", request.RunId));
        return progress.Single();
    }

    public async Task<IReadOnlyList<PlanCandidate>> ReadCandidatesAsync(
        HubDbContext db, PlanRequest request, long afterProfileId, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        var members = request.SamplePerMillion is null ? MembersSql : MembersSql.Replace("profile_id > @after", $"profile_id > @after AND {PlanCounts.IsOfSample("@share")}", StringComparison.Ordinal);
        return await session.ReadAsync(
            CandidatesSql.Replace("{0}", PlanCounts.HasScope(request) ? ScopeSql : members, StringComparison.Ordinal), row => Candidate(row, keys), cancellationToken, ("share", request.SamplePerMillion),
            ("run", request.RunId), ("destination", request.Destination), ("audience", request.Audience), ("plan", request.PlanVersion), ("after", afterProfileId), ("limit", limit));
    }

    public async Task<long> CountCandidatesAsync(HubDbContext db, string destination, string audience, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (long)(await session.ScalarAsync(CountSql, cancellationToken, ("destination", destination), ("audience", audience)))!;
    }

    public async Task<bool> WriteChunkAsync(HubDbContext db, PlanRequest request, PlanChunk chunk, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        if (await session.ExecuteAsync(AdvanceSql, cancellationToken, ("run", request.RunId), ("previous", chunk.PreviousCursor), ("cursor", chunk.Cursor)) == 0)
        {
            return false;
        }

        await WriteDeliveriesAsync(session, request, chunk.Deliveries, at, cancellationToken);
        await WriteOutcomesAsync(session, request, chunk, at, cancellationToken);
        if (PlanCounts.Rejected(chunk) is { Count: > 0 } rejected)
        {
            var rows = JsonRows.Of(rejected, (writer, outcome) =>
            {
                writer.WriteNumberValue(outcome.ProfileId);
                writer.WriteNumberValue(outcome.Operation.ToCode());
                writer.WriteStringValue(outcome.Code ?? "");
            });
            await session.ExecuteAsync(
                RejectedSql, cancellationToken, ("run", request.RunId), ("destination", request.Destination), ("audience", request.Audience), ("at", at), ("rows", rows));
        }

        foreach (var tally in PlanCounts.Tally(chunk))
        {
            await session.ExecuteAsync(
                "INSERT INTO run_tallies (run_id, outcome, code, count, at) VALUES (@run, @outcome, @code, @count, @at)", cancellationToken,
                ("run", request.RunId), ("outcome", tally.Outcome), ("code", tally.Code), ("count", tally.Count), ("at", at));
        }

        return true;
    }

    public async Task<PlanTotals> CompleteAsync(HubDbContext db, PlanRequest request, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync("DELETE FROM run_scope WHERE run_id = @run", cancellationToken, ("run", request.RunId));
        await session.ExecuteAsync(
            CompleteSql, cancellationToken, ("run", request.RunId), ("destination", request.Destination), ("audience", request.Audience));
        var totals = await session.ReadAsync(
            TotalsSql, reader => new PlanTotals(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5)),
            cancellationToken, ("run", request.RunId));
        return totals.Count == 1 ? totals[0] : throw new InvalidOperationException($"Run {request.RunId} has no plan. Open it before completing it.");
    }

    public async Task<IReadOnlySet<long>> ReadUnknownAsync(HubDbContext db, string audience, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (await session.ReadAsync(UnknownSql, reader => reader.GetInt64(0), cancellationToken, ("audience", audience))).ToHashSet();
    }

    private static async Task WriteDeliveriesAsync(
        DbSession session, PlanRequest request, IReadOnlyList<PlannedDelivery> deliveries, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var insert = session.Command(
            DeliverySql, ("run", request.RunId), ("destination", request.Destination), ("lane", request.Lane), ("audience", request.Audience), ("at", at),
            ("partition", 0), ("operation", 0), ("profile", 0L));
        foreach (var delivery in deliveries)
        {
            insert.Parameters["partition"].Value = delivery.Partition;
            insert.Parameters["operation"].Value = delivery.Operation.ToCode();
            insert.Parameters["profile"].Value = delivery.ProfileId;
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static async Task WriteOutcomesAsync(
        DbSession session, PlanRequest request, PlanChunk chunk, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var insert = session.Command(
            OutcomeSql, ("run", request.RunId), ("destination", request.Destination), ("audience", request.Audience), ("at", at),
            ("profile", 0L), ("outcome", ""), ("code", null), ("policy", chunk.Decided?.PolicyId), ("position", chunk.Decided?.Position), ("config", chunk.Decided?.ConfigVersion));
        foreach (var outcome in chunk.Outcomes)
        {
            insert.Parameters["profile"].Value = outcome.ProfileId;
            insert.Parameters["outcome"].Value = outcome.Outcome;
            insert.Parameters["code"].Value = outcome.Code ?? (object)DBNull.Value;
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static PlanCandidate Candidate(DbDataReader reader, SealingKeys keys) => new()
    {
        ProfileId = reader.GetInt64(0),
        ExternalId = reader.TextOrNull(1),
        Email = reader.TextOrNull(2),
        Phone = reader.TextOrNull(3),
        AttributesJson = reader.TextOrNull(4) is { } attributes ? keys.OpenProfile(reader.GetInt64(0), attributes) : null,
        ConsentJson = reader.GetString(5),
        ProfileVersion = reader.GetInt64(6),
        IsMember = reader.GetBoolean(7),
        IsRemoteMember = reader.GetBoolean(8),
        AddedByHub = reader.GetBoolean(9),
        ConfirmedHash = reader.IsDBNull(10) ? null : reader.GetGuid(10),
        RemoteId = reader.TextOrNull(11),
        MayBeRemoteMember = reader.GetBoolean(12),
        IsJoined = reader.GetBoolean(13),
        Position = reader.GetInt64(14),
        ConfirmedVersion = reader.IsDBNull(15) ? null : reader.GetInt64(15),
        TimesJson = reader.TextOrNull(16),
    };
}
