using System.Security.Cryptography;
using System.Data.Common;
using IntegrationHub.Storage.Postgres;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Storage.Destinations;

/// <summary>What the hub instances share about a destination; the same SQL on both dialects.</summary>
internal sealed class DestinationStore : IDestinationStore
{
    private const string ConditionColumns = "destination, trouble, code, until, since, failures, mark, probe_until";

    private const string RememberSql =
        """
        INSERT INTO destination_audiences (destination, audience, remote_ref, requested, resolved_at) VALUES (@destination, @audience, @remote, @requested, @at)
        ON CONFLICT (destination, audience) DO UPDATE SET remote_ref = destination_audiences.remote_ref
        RETURNING destination, audience, remote_ref, requested
        """;

    private const string CountFailureSql =
        """
        INSERT INTO destination_conditions (destination, trouble, code, until, since, failures, mark)
        VALUES (@name, @trouble, @code, @now, @now, 1, @mark)
        ON CONFLICT (destination) DO UPDATE SET
            failures = destination_conditions.failures + CASE WHEN destination_conditions.mark = @seen THEN 1 ELSE 0 END,
            mark = excluded.mark,
            probe_until = NULL
        RETURNING failures
        """;

    private const string WaitSql =
        $"""
        UPDATE destination_conditions SET
            trouble = CASE WHEN @until >= until THEN @trouble ELSE trouble END,
            code = CASE WHEN @until >= until THEN @code ELSE code END,
            until = CASE WHEN @until >= until THEN @until ELSE until END
        WHERE destination = @name
        RETURNING {ConditionColumns}
        """;

    // Who is owed again is marked as changed, so that a delta adds them too.
    private const string OweAgainSql =
        """
        INSERT INTO audience_changes (destination, audience, profile_id)
        SELECT destination, audience, profile_id FROM destination_members WHERE destination = @destination AND audience = @audience AND is_member
        ON CONFLICT DO NOTHING
        """;

    public async Task<StoredAudience?> FindAudienceAsync(HubDbContext db, string destination, string audience, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (await session.ReadAsync(
            "SELECT destination, audience, remote_ref, requested FROM destination_audiences WHERE destination = @destination AND audience = @audience",
            ReadAudience,
            cancellationToken,
            ("destination", destination),
            ("audience", audience))).SingleOrDefault();
    }

    public async Task<StoredAudience> RememberAudienceAsync(HubDbContext db, StoredAudience audience, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (await session.ReadAsync(
            RememberSql,
            ReadAudience,
            cancellationToken,
            ("destination", audience.Destination),
            ("audience", audience.Audience),
            ("remote", audience.RemoteRef),
            ("requested", audience.Requested),
            ("at", at))).Single();
    }

    public async Task RenameAudienceAsync(HubDbContext db, StoredAudience audience, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(
            "UPDATE destination_audiences SET requested = @requested WHERE destination = @destination AND audience = @audience AND remote_ref = @remote",
            cancellationToken,
            ("destination", audience.Destination),
            ("audience", audience.Audience),
            ("remote", audience.RemoteRef),
            ("requested", audience.Requested));
    }

    public async Task<long?> ForgetAudienceAsync(HubDbContext db, string destination, string audience, string remoteRef, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var forgotten = await session.ExecuteAsync(
            "DELETE FROM destination_audiences WHERE destination = @destination AND audience = @audience AND remote_ref = @remote",
            cancellationToken,
            ("destination", destination),
            ("audience", audience),
            ("remote", remoteRef));
        if (forgotten == 0)
        {
            return null;
        }

        if (db.Database.IsNpgsql())
        {
            await session.ExecuteAsync("SELECT pg_advisory_xact_lock(@ledger)", cancellationToken, ("ledger", (long)AdvisoryLock.Ledger));
        }

        await session.ExecuteAsync(OweAgainSql, cancellationToken, ("destination", destination), ("audience", audience));
        return await session.ExecuteAsync(
            "DELETE FROM destination_members WHERE destination = @destination AND audience = @audience", cancellationToken, ("destination", destination), ("audience", audience));
    }

    public async Task<StoredCondition?> FindConditionAsync(HubDbContext db, string name, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (await session.ReadAsync(
            $"SELECT {ConditionColumns} FROM destination_conditions WHERE destination = @name", ReadCondition, cancellationToken, ("name", name))).SingleOrDefault();
    }

    public async Task<IReadOnlyList<StoredCondition>> ListConditionsAsync(HubDbContext db, string destination, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"SELECT {ConditionColumns} FROM destination_conditions WHERE destination = @name OR substr(destination, 1, @length) = @prefix ORDER BY destination",
            ReadCondition,
            cancellationToken,
            Of(destination));
    }

    public async Task<StoredCondition> ReportAsync(HubDbContext db, ConditionReport report, Func<int, DateTimeOffset> until, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var failures = (await session.ReadAsync(
            CountFailureSql,
            row => row.GetInt32(0),
            cancellationToken,
            ("name", report.Name),
            ("trouble", report.Trouble),
            ("code", report.Code),
            ("now", report.At),
            ("mark", Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))),
            ("seen", report.SeenMark ?? ""))).Single();
        return (await session.ReadAsync(
            WaitSql, ReadCondition, cancellationToken, ("name", report.Name), ("trouble", report.Trouble), ("code", report.Code), ("until", until(failures)))).Single();
    }

    public async Task<bool> TryProbeAsync(HubDbContext db, string name, string mark, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ExecuteAsync(
            "UPDATE destination_conditions SET probe_until = @until WHERE destination = @name AND mark = @mark AND until <= @now AND (probe_until IS NULL OR probe_until <= @now)",
            cancellationToken,
            ("name", name),
            ("mark", mark),
            ("now", now),
            ("until", until)) > 0;
    }

    public async Task EndProbeAsync(HubDbContext db, string name, string mark, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(
            "UPDATE destination_conditions SET probe_until = NULL WHERE destination = @name AND mark = @mark", cancellationToken, ("name", name), ("mark", mark));
    }

    public async Task<bool> ClearAsync(HubDbContext db, string name, string mark, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ExecuteAsync("DELETE FROM destination_conditions WHERE destination = @name AND mark = @mark", cancellationToken, ("name", name), ("mark", mark)) > 0;
    }

    public async Task<int> ClearAllAsync(HubDbContext db, string destination, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ExecuteAsync(
            "DELETE FROM destination_conditions WHERE destination = @name OR substr(destination, 1, @length) = @prefix", cancellationToken, Of(destination));
    }

    public async Task<int> WakeDeliveriesAsync(HubDbContext db, string destination, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ExecuteAsync(
            "UPDATE deliveries SET due_at = @now WHERE destination = @destination AND due_at > @now", cancellationToken, ("destination", destination), ("now", now));
    }

    private static (string, object?)[] Of(string destination) => [("name", destination), ("prefix", $"{destination}/"), ("length", destination.Length + 1)];

    private static StoredAudience ReadAudience(DbDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2), row.TextOrNull(3));

    private static StoredCondition ReadCondition(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.Time(3), row.Time(4), row.GetInt32(5), row.GetString(6), row.IsDBNull(7) ? null : row.Time(7));
}
