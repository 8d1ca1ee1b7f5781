using System.Data.Common;
using System.Text.Json;
using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Storage.Configurations;

/// <summary>Every version of the configuration, only ever added to, and which one is in force. The same SQL on both dialects.</summary>
public static class ConfigurationBook
{
    private const string Columns = "v.version, v.content_hash, v.source, v.git_commit, v.created_by, v.created_at, v.message, v.plan_hash, v.approval_id, a.state";
    private const string From = "config_versions v LEFT JOIN approvals a ON a.approval_id = v.approval_id";

    /// <summary>Keeps others from putting a version in force until the caller's transaction ends, and waits for those who plan by the one that is. To be called before anything else of the transaction.</summary>
    /// <returns>Number of the version in force; 0 when none ever was.</returns>
    public static async Task<long> LockAsync(HubDbContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        return (long)(await session.ScalarAsync(
            "INSERT INTO config_active AS c (id, version, activated_at, activated_by) VALUES (1, 0, @now, 'hub') ON CONFLICT (id) DO UPDATE SET version = c.version RETURNING version",
            cancellationToken, ("now", now)))!;
    }

    /// <summary>Which version is in force; null when none ever was.</summary>
    public static async Task<ActiveConfiguration?> ActiveAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (await session.ReadAsync(
            "SELECT c.version, v.content_hash, c.activated_at, c.activated_by FROM config_active c JOIN config_versions v ON v.version = c.version",
            row => new ActiveConfiguration(row.GetInt64(0), row.GetString(1), row.Time(2), row.GetString(3)), cancellationToken)).SingleOrDefault();
    }

    /// <summary>Adds a version, in the caller's transaction, after <see cref="LockAsync"/>; puts it not in force.</summary>
    /// <param name="db">The context.</param>
    /// <param name="entry">What is known of it; its number is not looked at.</param>
    /// <param name="files">Its files.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>Its number.</returns>
    public static async Task<long> AppendAsync(HubDbContext db, ConfigurationEntry entry, IReadOnlyDictionary<string, string> files, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(entry);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        return (long)(await session.ScalarAsync(
            $"""
            INSERT INTO config_versions (version, content_hash, files, source, git_commit, created_by, created_at, message, plan_hash, approval_id)
            VALUES ((SELECT coalesce(max(version), 0) + 1 FROM config_versions), @hash, CAST(@files AS {(session.IsSqlite ? "text" : "jsonb")}), @source, @commit, @by, @at, @message, @plan, @approval)
            RETURNING version
            """,
            cancellationToken,
            ("hash", entry.ContentHash), ("files", JsonSerializer.Serialize(files)), ("source", entry.Source), ("commit", entry.GitCommit), ("by", entry.CreatedBy), ("at", entry.CreatedAt),
            ("message", entry.Message), ("plan", entry.PlanHash), ("approval", entry.ApprovalId)))!;
    }

    /// <summary>Puts a version in force, in the caller's transaction, after <see cref="LockAsync"/>.</summary>
    public static async Task ActivateAsync(HubDbContext db, long version, string by, DateTimeOffset at, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync("UPDATE config_active SET version = @version, activated_at = @at, activated_by = @by WHERE id = 1", cancellationToken, ("version", version), ("at", at), ("by", by));
    }

    /// <summary>The version in force with its files; null when none ever was, or when nobody made the database or brought it up to date yet.</summary>
    public static async Task<StoredConfiguration?> FindInForceAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        var standing = await HubDatabase.CompareAsync(db, cancellationToken);
        return standing.Lacking.Any(migration => migration.EndsWith("_ConfigVersions", StringComparison.Ordinal)) || await ActiveAsync(db, cancellationToken) is not { } active
            ? null
            : await FindAsync(db, active.Version, cancellationToken);
    }

    /// <summary>A version with its files, or null.</summary>
    public static Task<StoredConfiguration?> FindAsync(HubDbContext db, long version, CancellationToken cancellationToken) => FindAsync(db, "v.version = @key", version, cancellationToken);

    /// <summary>The version that an approval is about, or null.</summary>
    public static Task<StoredConfiguration?> FindAskedAsync(HubDbContext db, Guid approvalId, CancellationToken cancellationToken) => FindAsync(db, "v.approval_id = @key", approvalId, cancellationToken);

    /// <summary>Versions, newest first.</summary>
    public static async Task<Page<ConfigurationEntry>> ListAsync(HubDbContext db, PageAsk ask, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(ask);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await new PageSql(Columns, From, [("v.version", PlaceKind.Number)], isDescending: true).ReadAsync(session, ask, Read, cancellationToken);
    }

    private static async Task<StoredConfiguration?> FindAsync(HubDbContext db, string condition, object key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (await session.ReadAsync(
            $"SELECT {Columns}, v.files FROM {From} WHERE {condition}",
            row => new StoredConfiguration(Read(row), JsonSerializer.Deserialize<Dictionary<string, string>>(row.GetString(10))!), cancellationToken, ("key", key))).SingleOrDefault();
    }

    private static ConfigurationEntry Read(DbDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), row.TextOrNull(3), row.GetString(4), row.Time(5), row.TextOrNull(6), row.TextOrNull(7), row.IsDBNull(8) ? null : row.GetGuid(8))
    { Approval = row.TextOrNull(9) };
}
