using IntegrationHub.TestServers;
using Npgsql;

namespace EndToEnd.Tests;

/// <summary>Rows that nobody gets past: the database holds a hub up at one of them, so that a kill comes neither too early nor too late.</summary>
internal static class HeldRows
{
    /// <summary>Whoever touches such a row waits until the connection is closed; who is killed there has written nothing.</summary>
    /// <param name="sql">The database.</param>
    /// <param name="point">The row, as a trigger says it: <c>BEFORE UPDATE OF sending_since ON deliveries FOR EACH ROW WHEN (…)</c>.</param>
    public static async Task<NpgsqlConnection> HoldAsync(NpgsqlDataSource sql, string point)
    {
        var connection = await sql.OpenConnectionAsync();
        await using var hold = new NpgsqlCommand(
            $"""
            CREATE OR REPLACE FUNCTION hold_up() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN coalesce(NEW, OLD); END $body$;
            DROP TRIGGER IF EXISTS held_up ON deliveries;
            DROP TRIGGER IF EXISTS held_up ON letter_results;
            CREATE TRIGGER held_up {point} EXECUTE FUNCTION hold_up();
            SELECT pg_advisory_lock(4711);
            """, connection);
        await hold.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>Waits until somebody is held up.</summary>
    public static Task UntilHeldUpAsync(NpgsqlDataSource sql) => Poll.Until(
        async () =>
        {
            await using var held = sql.CreateCommand(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
            return (long)(await held.ExecuteScalarAsync())! > 0;
        },
        "the hub to be held up");
}
