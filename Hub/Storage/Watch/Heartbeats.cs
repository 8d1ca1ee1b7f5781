using System.Data.Common;

namespace IntegrationHub.Storage.Watch;

/// <summary>Which hubs are alive, by the database's clock alone; the same SQL on both dialects. A hub that stops in order takes its row along.</summary>
public static class Heartbeats
{
    /// <summary>Who has not been heard of for so long has ended without a word.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Says that a hub is alive.</summary>
    /// <param name="db">The context.</param>
    /// <param name="name">Its name.</param>
    /// <param name="version">Version of the program.</param>
    /// <param name="configuration">Hash of its configuration.</param>
    /// <param name="roles">What it does.</param>
    /// <param name="trouble"><c>broker</c>, or null.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task BeatAsync(HubDbContext db, string name, string version, string configuration, IEnumerable<string> roles, string? trouble, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"""
            INSERT INTO instances (name, started_at, seen_at, version, configuration, roles, trouble)
            VALUES (@name, {session.Clock}, {session.Clock}, @version, @configuration, @roles, @trouble)
            ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at, trouble = excluded.trouble
            """,
            cancellationToken,
            ("name", name), ("version", version), ("configuration", configuration), ("roles", string.Join(' ', roles)), ("trouble", trouble));
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
            $"SELECT name, started_at, seen_at, version, configuration, roles, trouble, CASE WHEN seen_at > {session.Clock} - @patience THEN 1 ELSE 0 END FROM instances ORDER BY seen_at DESC, name",
            Read, cancellationToken, ("patience", Patience));
    }

    private static HubSighting Read(DbDataReader row) => new(
        row.GetString(0), row.Time(1), row.Time(2), row.GetString(3), row.GetString(4), row.GetString(5).Split(' ', StringSplitOptions.RemoveEmptyEntries), row.TextOrNull(6), row.GetInt32(7) == 1);
}
