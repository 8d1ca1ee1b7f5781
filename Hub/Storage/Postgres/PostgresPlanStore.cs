using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Plans;
using IntegrationHub.Storage.Sealing;
using NpgsqlTypes;

namespace IntegrationHub.Storage.Postgres;

/// <summary>Plans on PostgreSQL.</summary>
internal sealed class PostgresPlanStore : IPlanStore
{
    // The marks of changes become the run's scope; a scope that an ended run left behind is taken over, so no change is forgotten.
    private const string OpenSql =
        """
        WITH opened AS (
            INSERT INTO run_plans (run_id, destination, audience, mode) VALUES ($1, $2, $3, $4)
            ON CONFLICT (run_id) DO NOTHING RETURNING run_id),
        marked AS (
            DELETE FROM audience_changes c USING opened WHERE c.destination = $2 AND c.audience = $3 RETURNING c.profile_id),
        abandoned AS (
            DELETE FROM run_scope s USING opened, run_plans o
            WHERE o.destination = $2 AND o.audience = $3 AND (NOT o.completed OR o.canceled) AND o.run_id <> $1 AND s.run_id = o.run_id
            RETURNING s.profile_id)
        INSERT INTO run_scope (run_id, profile_id)
        SELECT $1, profile_id FROM marked UNION SELECT $1, profile_id FROM abandoned
        """;

    private const string OpenWithOwnScopeSql = "INSERT INTO run_plans (run_id, destination, audience, mode) VALUES ($1, $2, $3, $4) ON CONFLICT (run_id) DO NOTHING";

    private const string MembersSql =
        """
        SELECT profile_id FROM (
            (SELECT profile_id FROM memberships WHERE audience = $2 AND is_member AND profile_id > $4 ORDER BY profile_id LIMIT $5)
            UNION
            (SELECT profile_id FROM destination_members
             WHERE destination = $1 AND audience = $2 AND (is_member OR in_doubt) AND profile_id > $4 ORDER BY profile_id LIMIT $5)) u
        ORDER BY profile_id LIMIT $5
        """;

    private const string ScopeSql = "SELECT profile_id FROM run_scope WHERE run_id = $6 AND profile_id > $4 ORDER BY profile_id LIMIT $5";

    private const string CandidatesSql =
        $$"""
        SELECT c.profile_id, p.external_id, p.email, p.phone,
            CASE WHEN d.profile_version = p.version AND d.plan_version = $3 THEN NULL ELSE p.attributes END,
            p.consent, p.version, coalesce(m.is_member, false), coalesce(r.is_member, false), coalesce(r.added_by_hub, false),
            d.content_hash, d.remote_id, coalesce(r.in_doubt, false), p.person_id IS NOT NULL,
            (SELECT coalesce(max(position), 0) FROM consent_history), CASE WHEN d.plan_version = $3 THEN d.profile_version END, {{ProfileMarks.InSql}}
        FROM ({0}) c
        CROSS JOIN LATERAL (SELECT * FROM profiles WHERE profile_id = c.profile_id OFFSET 0) p
        LEFT JOIN LATERAL (SELECT is_member FROM memberships WHERE audience = $2 AND profile_id = c.profile_id OFFSET 0) m ON true
        LEFT JOIN LATERAL (
            SELECT is_member, added_by_hub, in_doubt FROM destination_members
            WHERE destination = $1 AND audience = $2 AND profile_id = c.profile_id OFFSET 0) r ON true
        LEFT JOIN LATERAL (
            SELECT profile_version, plan_version, content_hash, remote_id FROM destination_profiles
            WHERE destination = $1 AND profile_id = c.profile_id OFFSET 0) d ON true
        ORDER BY c.profile_id
        """;

    private const string AdvanceSql =
        "UPDATE run_plans SET cursor = $3 WHERE run_id = $1 AND cursor = $2 AND NOT completed AND NOT canceled";

    private const string TallySql =
        "INSERT INTO run_tallies (run_id, outcome, code, count, at) SELECT $1, i.*, $5 FROM unnest($2::text[], $3::text[], $4::bigint[]) i";

    // Removals are in doubt since the first list with rows that name nobody, until a list without such rows has come.
    // Members are counted as far as the guardrails need: just beyond the number at which the plan is too much for them.
    private const string CompleteSql =
        """
        WITH scope AS (DELETE FROM run_scope WHERE run_id = $1),
        owed AS MATERIALIZED (
            SELECT count(*) FILTER (WHERE operation = 1) AS to_update, count(*) FILTER (WHERE operation = 2) AS to_add,
                   count(*) FILTER (WHERE operation = 3) AS to_remove
            FROM deliveries WHERE run_id = $1),
        enough AS MATERIALIZED (
            SELECT CASE WHEN (o.to_remove > 0 AND s.max_removal_share = 0) OR (o.to_add > 0 AND s.max_addition_multiple = 0) THEN NULL
                ELSE 2 + floor(least(1e18, greatest(0, o.to_remove / nullif(s.max_removal_share, 0), o.to_add / nullif(s.max_addition_multiple, 0))))::bigint
                END AS members
            FROM owed o CROSS JOIN audience_syncs s WHERE s.correlation_id = $1)
        UPDATE run_plans SET completed = true,
            planned = (SELECT coalesce(sum(count), 0) FROM run_tallies WHERE run_id = $1 AND outcome = 'planned'),
            to_update = owed.to_update, to_add = owed.to_add, to_remove = owed.to_remove,
            unread_rows = CASE WHEN owed.to_remove = 0 THEN 0 ELSE coalesce((
                SELECT a.unread_rows FROM audiences a
                WHERE a.audience = $3 AND a.unread_rows > 0 AND EXISTS (
                    SELECT 1 FROM deliveries d LEFT JOIN memberships m ON m.audience = $3 AND m.profile_id = d.profile_id
                    WHERE d.run_id = $1 AND d.operation = 3 AND (m.profile_id IS NULL OR (NOT m.is_member AND m.occurred_at >= a.unread_since)))), 0) END,
            current_members = (SELECT count(*) FROM (
                SELECT 1 FROM destination_members WHERE destination = $2 AND audience = $3 AND is_member
                LIMIT (SELECT members FROM enough)) m)
        FROM owed
        WHERE run_id = $1 AND NOT completed AND NOT canceled
        """;

    private const string TotalsSql =
        "SELECT coalesce(planned, 0), coalesce(to_add, 0), coalesce(to_remove, 0), coalesce(to_update, 0), coalesce(current_members, 0), coalesce(unread_rows, 0) FROM run_plans WHERE run_id = $1";

    private const string UnknownSql =
        """
        SELECT coalesce(p.person_id, p.profile_id) FROM audiences a
        JOIN snapshot_rejects r ON r.snapshot_id = a.snapshot_id
        CROSS JOIN LATERAL jsonb_array_elements_text(r.external_ids::jsonb) AS e(external_id)
        JOIN profiles p ON p.tenant_id = 'default' AND p.external_id = e.external_id
        WHERE a.audience = $1
        """;

    private const string RejectedSql =
        """
        INSERT INTO dead_letters (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at)
        SELECT $1, $2, $3, profile_id, operation, 'rejected', code, 0, $4 FROM unnest($5::bigint[], $6::smallint[], $7::text[]) AS i(profile_id, operation, code)
        """;

    private const string CountSql =
        """
        SELECT count(*) FROM (
            SELECT profile_id FROM memberships WHERE audience = $2 AND is_member
            UNION SELECT profile_id FROM destination_members WHERE destination = $1 AND audience = $2 AND (is_member OR in_doubt)) u
        """;

    private static readonly string _sampleCandidates = CandidatesSql.Replace(
        "{0}", MembersSql.Replace("profile_id > $4", $"profile_id > $4 AND {PlanCounts.IsOfSample("$6")}", StringComparison.Ordinal), StringComparison.Ordinal);

    private static readonly string _memberCandidates = CandidatesSql.Replace("{0}", MembersSql, StringComparison.Ordinal);
    private static readonly string _scopeCandidates = CandidatesSql.Replace("{0}", ScopeSql, StringComparison.Ordinal);

    public async Task<PlanProgress> OpenAsync(HubDbContext db, PlanRequest request, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenInTransactionAsync(db, cancellationToken);
        await PostgresLedgerTables.LockAsync(session, cancellationToken);
        await using (var open = session.Command(PlanCounts.TakesMarks(request) ? OpenSql : OpenWithOwnScopeSql).Id(request.RunId).Text(request.Destination).Text(request.Audience).Text(request.Mode))
        {
            await open.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var command = session.Command("SELECT cursor, completed OR canceled FROM run_plans WHERE run_id = $1").Id(request.RunId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new PlanProgress(reader.GetInt64(0), reader.GetBoolean(1));
    }

    public async Task<IReadOnlyList<PlanCandidate>> ReadCandidatesAsync(
        HubDbContext db, PlanRequest request, long afterProfileId, int limit, CancellationToken cancellationToken)
    {
        var hasScope = PlanCounts.HasScope(request);
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(hasScope ? _scopeCandidates : request.SamplePerMillion is null ? _memberCandidates : _sampleCandidates)
            .Text(request.Destination).Text(request.Audience).Text(request.PlanVersion).Long(afterProfileId).Long(limit);
        await using var reader = await (hasScope ? command.Id(request.RunId) : request.SamplePerMillion is { } share ? command.Long(share) : command).ExecuteReaderAsync(cancellationToken);
        var keys = SealingKeys.Of(db);
        var candidates = new List<PlanCandidate>(limit);
        while (await reader.ReadAsync(cancellationToken))
        {
            candidates.Add(new PlanCandidate
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
            });
        }

        return candidates;
    }

    public async Task<bool> WriteChunkAsync(HubDbContext db, PlanRequest request, PlanChunk chunk, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenInTransactionAsync(db, cancellationToken);
        await using (var advance = session.Command(AdvanceSql).Id(request.RunId).Long(chunk.PreviousCursor).Long(chunk.Cursor))
        {
            if (await advance.ExecuteNonQueryAsync(cancellationToken) == 0)
            {
                return false;
            }
        }

        await CopyDeliveriesAsync(session, request, chunk.Deliveries, at, cancellationToken);
        await CopyOutcomesAsync(session, request, chunk, at, cancellationToken);
        await ListRejectedAsync(session, request, PlanCounts.Rejected(chunk), at, cancellationToken);
        var tallies = PlanCounts.Tally(chunk);
        await using var tally = session.Command(TallySql)
            .Id(request.RunId)
            .Texts(tallies.Column<PlanTally, string?>(row => row.Outcome))
            .Texts(tallies.Column<PlanTally, string?>(row => row.Code))
            .Longs(tallies.Column(row => row.Count))
            .Time(at);
        await tally.ExecuteNonQueryAsync(cancellationToken);
        return true;
    }

    public async Task<PlanTotals> CompleteAsync(HubDbContext db, PlanRequest request, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenInTransactionAsync(db, cancellationToken);
        await using (var complete = session.Command(CompleteSql).Id(request.RunId).Text(request.Destination).Text(request.Audience))
        {
            complete.CommandTimeout = 0;
            await complete.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var command = session.Command(TotalsSql).Id(request.RunId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new PlanTotals(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5))
            : throw new InvalidOperationException($"Run {request.RunId} has no plan. Open it before completing it.");
    }

    public async Task<long> CountCandidatesAsync(HubDbContext db, string destination, string audience, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(CountSql).Text(destination).Text(audience);
        command.CommandTimeout = 0;
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async Task<IReadOnlySet<long>> ReadUnknownAsync(HubDbContext db, string audience, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(UnknownSql).Text(audience);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var unknown = new HashSet<long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            unknown.Add(reader.GetInt64(0));
        }

        return unknown;
    }

    private static async Task ListRejectedAsync(
        PostgresSession session, PlanRequest request, List<PlannedOutcome> rejected, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (rejected.Count == 0)
        {
            return;
        }

        await using var command = session.Command(RejectedSql)
            .Id(request.RunId).Text(request.Destination).Text(request.Audience).Time(at)
            .Longs(rejected.Column(outcome => outcome.ProfileId))
            .Smalls(rejected.Column(outcome => outcome.Operation.ToCode()))
            .Texts(rejected.Column<PlannedOutcome, string?>(outcome => outcome.Code ?? ""));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task CopyDeliveriesAsync(
        PostgresSession session, PlanRequest request, IReadOnlyList<PlannedDelivery> deliveries, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (deliveries.Count == 0)
        {
            return;
        }

        var now = at.ToUniversalTime();
        await using var copy = await session.Connection.BeginBinaryImportAsync(
            "COPY deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, created_at) FROM STDIN (FORMAT binary)", cancellationToken);
        foreach (var delivery in deliveries)
        {
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(request.RunId, NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync(request.Destination, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(request.Lane, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(delivery.Partition, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(delivery.Operation.ToCode(), NpgsqlDbType.Smallint, cancellationToken);
            await copy.WriteAsync(delivery.ProfileId, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(request.Audience, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(now, NpgsqlDbType.TimestampTz, cancellationToken);
            await copy.WriteAsync(now, NpgsqlDbType.TimestampTz, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }

    private static async Task CopyOutcomesAsync(
        PostgresSession session, PlanRequest request, PlanChunk chunk, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (chunk.Outcomes.Count == 0)
        {
            return;
        }

        var now = at.ToUniversalTime();
        await using var copy = await session.Connection.BeginBinaryImportAsync(
            "COPY outcomes (run_id, profile_id, destination, audience, outcome, code, attempts, at, policy_id, decided_position, config_version) FROM STDIN (FORMAT binary)", cancellationToken);
        foreach (var outcome in chunk.Outcomes)
        {
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(request.RunId, NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync(outcome.ProfileId, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(request.Destination, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(request.Audience, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(outcome.Outcome, NpgsqlDbType.Text, cancellationToken);
            await copy.TextAsync(outcome.Code, cancellationToken);
            await copy.WriteAsync(0, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(now, NpgsqlDbType.TimestampTz, cancellationToken);
            if (chunk.Decided is { } decided)
            {
                await copy.WriteAsync(decided.PolicyId, NpgsqlDbType.Integer, cancellationToken);
                await copy.WriteAsync(decided.Position, NpgsqlDbType.Bigint, cancellationToken);
            }
            else
            {
                await copy.WriteNullAsync(cancellationToken);
                await copy.WriteNullAsync(cancellationToken);
            }

            await (chunk.Decided?.ConfigVersion is { } version ? copy.WriteAsync(version, NpgsqlDbType.Bigint, cancellationToken) : copy.WriteNullAsync(cancellationToken));
        }

        await copy.CompleteAsync(cancellationToken);
    }
}
