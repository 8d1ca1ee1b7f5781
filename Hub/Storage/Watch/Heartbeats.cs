using System.Data.Common;

namespace IntegrationHub.Storage.Watch;

/// <summary>Which hubs are alive, by the database's clock alone; the same SQL on both dialects. A hub that stops in order takes its row along.</summary>
public static class Heartbeats
{
    /// <summary>How long a hub of an earlier version counts as alive after its last heartbeat.</summary>
    private static readonly TimeSpan _usual = TimeSpan.FromSeconds(20);

    /// <summary>Says that a hub is alive.</summary>
    /// <param name="db">The context.</param>
    /// <param name="name">Its name.</param>
    /// <param name="version">Version of the program.</param>
    /// <param name="configuration">Hash of its configuration.</param>
    /// <param name="roles">What it does.</param>
    /// <param name="trouble"><c>broker</c>, or null.</param>
    /// <param name="silence">If nothing is heard of it for so long, it has ended without a word.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <param name="configVersion">Number of the configuration that it runs; null when it does not know.</param>
    /// <param name="configPendingSince">Since when its folder waits for somebody who applies it; null when it does not.</param>
    public static async Task BeatAsync(
        HubDbContext db, string name, string version, string configuration, IEnumerable<string> roles, string? trouble, TimeSpan silence, CancellationToken cancellationToken, long? configVersion = null, DateTimeOffset? configPendingSince = null)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"""
            INSERT INTO instances (name, started_at, seen_at, heard_until, version, configuration, roles, trouble, config_version, config_pending_since)
            VALUES (@name, {session.Clock}, {session.Clock}, {session.Clock} + @silence, @version, @configuration, @roles, @trouble, @number, @pending)
            ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at, heard_until = excluded.heard_until, trouble = excluded.trouble,
                config_version = excluded.config_version, config_pending_since = excluded.config_pending_since
            """,
            cancellationToken,
            ("name", name), ("version", version), ("configuration", configuration), ("roles", string.Join(' ', roles)), ("trouble", trouble), ("silence", silence), ("number", configVersion),
            ("pending", configPendingSince));
    }

    /// <summary>A hub stops in order.</summary>
    public static async Task LeaveAsync(HubDbContext db, string name, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync("DELETE FROM instances WHERE name = @name", cancellationToken, ("name", name));
    }

    /// <summary>Every hub that is alive or ended without a word, the one that was heard of last first.</summary>
    public static async Task<IReadOnlyList<HubSighting>> ListAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"SELECT name, started_at, seen_at, version, configuration, roles, trouble, CASE WHEN coalesce(heard_until, seen_at + @usual) > {session.Clock} THEN 1 ELSE 0 END, config_version, config_pending_since FROM instances ORDER BY seen_at DESC, name",
            Read, cancellationToken, ("usual", _usual));
    }

    private static HubSighting Read(DbDataReader row) => new(
        row.GetString(0), row.Time(1), row.Time(2), row.GetString(3), row.GetString(4), row.GetString(5).Split(' ', StringSplitOptions.RemoveEmptyEntries), row.TextOrNull(6), row.GetInt32(7) == 1)
    {
        ConfigVersion = row.IsDBNull(8) ? null : row.GetInt64(8),
        ConfigPendingSince = row.IsDBNull(9) ? null : row.Time(9),
    };
}
