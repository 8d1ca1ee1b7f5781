using System.Data.Common;
using System.Globalization;
using System.Text;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Storage.Deliveries;

/// <summary>Vendor jobs; the same SQL on both dialects.</summary>
internal sealed class BulkJobStore : IBulkJobStore
{
    private const int RowsPerInsert = 1_000;
    private const string Columns = "job_id, destination, lane, partition, run_id, audience, operation, remote_job, plan_version, started_at, poll_at, policy_id, decided_position, config_version";

    public async Task<IReadOnlyList<DueWork>> CountDueAsync(HubDbContext db, Lease lease, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"""
            SELECT d.run_id, d.operation, d.audience, count(*)
            FROM audience_syncs s CROSS JOIN deliveries d
            WHERE s.destination = @destination AND s.current_state = '{RunState.Delivering}' AND d.run_id = s.correlation_id
              AND d.partition = @partition AND d.lane = @lane AND d.due_at <= @now AND d.attempt = 0 AND d.operation {OperationCode.InRange}
              AND NOT EXISTS (SELECT 1 FROM bulk_jobs j WHERE j.destination = @destination AND j.lane = @lane AND j.partition = @partition AND j.given_up_at IS NULL)
            GROUP BY d.run_id, d.operation, d.audience
            """,
            row => new DueWork(row.GetGuid(0), OperationCode.ToOperation(row.GetInt16(1)), row.GetString(2), row.GetInt64(3)),
            cancellationToken,
            ("destination", lease.Destination), ("partition", lease.Partition), ("lane", lease.Lane), ("now", now));
    }

    public async Task<BulkJob?> FindAsync(HubDbContext db, string destination, string lane, int partition, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var jobs = await session.ReadAsync(
            $"SELECT {Columns} FROM bulk_jobs WHERE destination = @destination AND lane = @lane AND partition = @partition AND given_up_at IS NULL AND operation {OperationCode.InRange}",
            ReadJob, cancellationToken, ("destination", destination), ("lane", lane), ("partition", partition));
        return jobs.Count == 0 ? null : jobs[0];
    }

    public async Task<BulkJob?> FindGivenUpAsync(HubDbContext db, string destination, string lane, int partition, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var jobs = await session.ReadAsync(
            $"SELECT {Columns} FROM bulk_jobs WHERE destination = @destination AND lane = @lane AND partition = @partition AND given_up_at IS NOT NULL AND operation {OperationCode.InRange} AND poll_at <= @now ORDER BY job_id LIMIT 1",
            ReadJob, cancellationToken, ("destination", destination), ("lane", lane), ("partition", partition), ("now", now));
        return jobs.Count == 0 ? null : jobs[0];
    }

    public async Task<AudienceJobs> OfAudienceAsync(HubDbContext db, string destination, string audience, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var standing = await session.ReadAsync(
            $"SELECT CASE WHEN given_up_at IS NULL THEN 1 ELSE 0 END FROM bulk_jobs WHERE destination = @destination AND audience = @audience AND operation {OperationCode.InRange} ORDER BY 1 DESC LIMIT 1",
            row => row.GetInt32(0) == 1, cancellationToken, ("destination", destination), ("audience", audience));
        return standing switch
        {
            [true] => AudienceJobs.Running,
            [false] => AudienceJobs.GivenUp,
            _ => AudienceJobs.None,
        };
    }

    public async Task AddAsync(HubDbContext db, BulkJob job, IReadOnlyList<BulkJobRow> rows, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var jobId = (long)(await session.ScalarAsync(
            """
            INSERT INTO bulk_jobs (destination, lane, partition, run_id, audience, operation, remote_job, plan_version, started_at, poll_at, policy_id, decided_position, config_version)
            VALUES (@destination, @lane, @partition, @run, @audience, @operation, @remote, @plan, @started, @poll, @policy, @position, @config)
            RETURNING job_id
            """,
            cancellationToken,
            ("destination", job.Destination), ("lane", job.Lane), ("partition", job.Partition), ("run", job.RunId), ("audience", job.Audience),
            ("operation", job.Operation.ToCode()), ("remote", job.RemoteJob), ("plan", job.PlanVersion), ("started", job.StartedAt), ("poll", job.PollAt),
            ("policy", job.Decided?.PolicyId), ("position", job.Decided?.Position), ("config", job.Decided?.ConfigVersion)))!;
        foreach (var some in rows.Chunk(RowsPerInsert))
        {
            await using var insert = session.Command($"INSERT INTO bulk_job_rows (job_id, delivery_id, profile_id, key, content_hash, profile_version) VALUES {Values(jobId, some)}");
            for (var i = 0; i < some.Length; i++)
            {
                var key = insert.CreateParameter();
                (key.ParameterName, key.Value) = ($"key{i}", some[i].Key);
                insert.Parameters.Add(key);
            }

            await insert.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    public async Task<IReadOnlyList<BulkDelivered>> ClaimAsync(HubDbContext db, BulkJob job, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        return await session.ReadAsync(
            """
            SELECT r.delivery_id, j.run_id, j.audience, j.operation, coalesce(d.attempt, 0), r.profile_id,
                   p.external_id, p.email, p.phone, p.attributes, p.consent, r.profile_version, dp.remote_id, j.job_id IS NOT NULL, r.content_hash, r.key
            FROM bulk_jobs j
            JOIN bulk_job_rows r ON r.job_id = j.job_id
            JOIN profiles p ON p.profile_id = r.profile_id
            LEFT JOIN deliveries d ON d.run_id = j.run_id AND d.partition = j.partition AND d.delivery_id = r.delivery_id
            LEFT JOIN destination_profiles dp ON dp.destination = j.destination AND dp.profile_id = r.profile_id
            WHERE j.job_id = @job
            ORDER BY r.delivery_id
            """,
            row => new BulkDelivered(ClaimedDeliveryReader.Read(row, keys), row.TextOrNull(15), row.IsDBNull(14) ? null : row.GetGuid(14)),
            cancellationToken,
            ("job", job.JobId));
    }

    public async Task PostponeAsync(HubDbContext db, BulkJob job, DateTimeOffset pollAt, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync("UPDATE bulk_jobs SET poll_at = @poll WHERE job_id = @job", cancellationToken, ("job", job.JobId), ("poll", pollAt));
    }

    public async Task GiveUpAsync(HubDbContext db, BulkJob job, DateTimeOffset now, DateTimeOffset pollAt, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync("UPDATE bulk_jobs SET given_up_at = @now, poll_at = @poll WHERE job_id = @job", cancellationToken, ("job", job.JobId), ("now", now), ("poll", pollAt));
    }

    public async Task<LateEnd> EndLateAsync(HubDbContext db, BulkJob job, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var people = await session.ReadAsync(
            "SELECT r.profile_id, p.version <> r.profile_version FROM bulk_job_rows r JOIN profiles p ON p.profile_id = r.profile_id WHERE r.job_id = @job",
            row => (ProfileId: row.GetInt64(0), HasMoved: row.GetBoolean(1)), cancellationToken, ("job", job.JobId));
        await session.ExecuteAsync(
            """
            UPDATE destination_profiles SET content_hash = NULL, profile_version = NULL, plan_version = NULL
            WHERE destination = @destination AND profile_id IN (
                SELECT r.profile_id FROM bulk_job_rows r JOIN profiles p ON p.profile_id = r.profile_id WHERE r.job_id = @job AND p.version <> r.profile_version)
            """,
            cancellationToken, ("job", job.JobId), ("destination", job.Destination));
        var memberships = new List<MembershipRow>();
        if (job.Operation == Operation.AddMember)
        {
            await session.ExecuteAsync(
                $"""
                INSERT INTO destination_members AS t (destination, audience, profile_id, is_member, added_by_hub, in_doubt, confirmed_at, run_id)
                SELECT DISTINCT j.destination, j.audience, r.profile_id, false, true, true, {session.Instant("@now")}, j.run_id
                FROM bulk_jobs j JOIN bulk_job_rows r ON r.job_id = j.job_id WHERE j.job_id = @job
                ON CONFLICT (destination, audience, profile_id) DO UPDATE SET in_doubt = true, added_by_hub = true WHERE NOT t.is_member
                """,
                cancellationToken, ("job", job.JobId), ("now", now));
            memberships.AddRange(people.Select(person => new MembershipRow(job.Audience, person.ProfileId, false, now)));
        }

        await EndAsync(db, job, cancellationToken);
        long[] moved = [.. people.Where(person => person.HasMoved).Select(person => person.ProfileId)];
        await LiveLane.OweAsync(db, memberships, now, cancellationToken);
        await LiveLane.OweAsync(db, moved, now, cancellationToken);
        await WithdrawnMemberships.OweAsync(db, moved, now, cancellationToken);
        return new LateEnd([.. people.Select(person => person.ProfileId)], moved);
    }

    public async Task EndAsync(HubDbContext db, BulkJob job, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync("DELETE FROM bulk_job_rows WHERE job_id = @job", cancellationToken, ("job", job.JobId));
        await session.ExecuteAsync("DELETE FROM bulk_jobs WHERE job_id = @job", cancellationToken, ("job", job.JobId));
    }

    /// <summary>Numbers, hashes and the names of parameters only: nothing here comes from outside.</summary>
    private static string Values(long jobId, BulkJobRow[] rows)
    {
        var values = new StringBuilder(rows.Length * 90);
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[i];
            var hash = row.ContentHash is { } known ? $"'{known.ToString("D").ToUpperInvariant()}'" : "NULL";
            values.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : ",")}({jobId},{row.DeliveryId},{row.ProfileId},@key{i},{hash},{row.ProfileVersion})");
        }

        return values.ToString();
    }

    private static BulkJob ReadJob(DbDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetInt32(3), row.GetGuid(4), row.GetString(5), OperationCode.ToOperation(row.GetInt16(6)),
        row.GetString(7), row.GetString(8), row.Time(9), row.Time(10))
    {
        Decided = row.IsDBNull(11) || row.IsDBNull(12) ? null : new DecisionPoint(row.GetInt32(11), row.GetInt64(12), row.IsDBNull(13) ? null : row.GetInt64(13)),
    };
}
