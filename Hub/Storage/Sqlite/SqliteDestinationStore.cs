using System.Data.Common;
using IntegrationHub.Storage.Destinations;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>What the hub knows of a destination, on SQLite.</summary>
internal sealed class SqliteDestinationStore : IDestinationStore
{
    private const string RememberSql =
        """
        INSERT INTO destination_audiences (destination, audience, remote_ref, resolved_at) VALUES (@destination, @audience, @remote, @at)
        ON CONFLICT (destination, audience) DO UPDATE SET remote_ref = destination_audiences.remote_ref
        RETURNING remote_ref
        """;

    private const string ReportSql =
        """
        INSERT INTO destination_conditions (destination, trouble, code, until, since, failures)
        VALUES (@destination, @trouble, @code, @until, @now, 1)
        ON CONFLICT (destination) DO UPDATE SET
            trouble = CASE WHEN excluded.until >= until THEN excluded.trouble ELSE trouble END,
            code = CASE WHEN excluded.until >= until THEN excluded.code ELSE code END,
            until = max(until, excluded.until),
            failures = failures + 1
        RETURNING destination, trouble, code, until, since, failures
        """;

    public async Task<string?> FindAudienceAsync(HubDbContext db, string destination, string audience, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ScalarAsync(
            "SELECT remote_ref FROM destination_audiences WHERE destination = @destination AND audience = @audience", cancellationToken, ("destination", destination), ("audience", audience)) as string;
    }

    public async Task<string> RememberAudienceAsync(
        HubDbContext db, string destination, string audience, string remoteRef, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (string)(await session.ScalarAsync(
            RememberSql, cancellationToken, ("destination", destination), ("audience", audience), ("remote", remoteRef), ("at", at)))!;
    }

    public async Task<StoredCondition?> FindConditionAsync(HubDbContext db, string destination, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var rows = await session.ReadAsync(
            "SELECT destination, trouble, code, until, since, failures FROM destination_conditions WHERE destination = @destination", Read, cancellationToken, ("destination", destination));
        return rows.SingleOrDefault();
    }

    public async Task<StoredCondition> ReportAsync(
        HubDbContext db, string destination, string trouble, string code, DateTimeOffset until, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (await session.ReadAsync(
            ReportSql, Read, cancellationToken, ("destination", destination), ("trouble", trouble), ("code", code), ("until", until), ("now", now))).Single();
    }

    public async Task ClearAsync(HubDbContext db, string destination, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync("DELETE FROM destination_conditions WHERE destination = @destination", cancellationToken, ("destination", destination));
    }

    private static StoredCondition Read(DbDataReader reader) => new(
        reader.GetString(0), reader.GetString(1), reader.GetString(2),
        reader.Time(3), reader.Time(4), reader.GetInt32(5));
}
