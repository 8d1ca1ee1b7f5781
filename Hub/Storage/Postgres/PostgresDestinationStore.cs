using IntegrationHub.Storage.Destinations;
using Npgsql;

namespace IntegrationHub.Storage.Postgres;

/// <summary>What the hub instances share about a destination, on PostgreSQL.</summary>
internal sealed class PostgresDestinationStore : IDestinationStore
{
    private const string RememberSql =
        """
        WITH won AS (
            INSERT INTO destination_audiences (destination, audience, remote_ref, resolved_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (destination, audience) DO UPDATE SET remote_ref = destination_audiences.remote_ref
            RETURNING remote_ref)
        SELECT remote_ref FROM won
        """;

    private const string ReportSql =
        """
        INSERT INTO destination_conditions AS c (destination, trouble, code, until, since, failures)
        VALUES ($1, $2, $3, $4, $5, 1)
        ON CONFLICT (destination) DO UPDATE SET
            trouble = CASE WHEN EXCLUDED.until >= c.until THEN EXCLUDED.trouble ELSE c.trouble END,
            code = CASE WHEN EXCLUDED.until >= c.until THEN EXCLUDED.code ELSE c.code END,
            until = greatest(c.until, EXCLUDED.until),
            failures = c.failures + 1
        RETURNING destination, trouble, code, until, since, failures
        """;

    public async Task<string?> FindAudienceAsync(HubDbContext db, string destination, string audience, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command("SELECT remote_ref FROM destination_audiences WHERE destination = $1 AND audience = $2")
            .Text(destination).Text(audience);
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    public async Task<string> RememberAudienceAsync(
        HubDbContext db, string destination, string audience, string remoteRef, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(RememberSql).Text(destination).Text(audience).Text(remoteRef).Time(at);
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async Task<StoredCondition?> FindConditionAsync(HubDbContext db, string destination, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session
            .Command("SELECT destination, trouble, code, until, since, failures FROM destination_conditions WHERE destination = $1")
            .Text(destination);
        return await ReadAsync(command, cancellationToken);
    }

    public async Task<StoredCondition> ReportAsync(
        HubDbContext db, string destination, string trouble, string code, DateTimeOffset until, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(ReportSql).Text(destination).Text(trouble).Text(code).Time(until).Time(now);
        return (await ReadAsync(command, cancellationToken))!;
    }

    public async Task ClearAsync(HubDbContext db, string destination, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command("DELETE FROM destination_conditions WHERE destination = $1").Text(destination);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<StoredCondition?> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new StoredCondition(
                reader.GetString(0), reader.GetString(1), reader.GetString(2),
                reader.GetFieldValue<DateTimeOffset>(3), reader.GetFieldValue<DateTimeOffset>(4), reader.GetInt32(5))
            : null;
    }
}
