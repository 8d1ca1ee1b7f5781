using System.Data.Common;
using System.Text.Json;
using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Storage.Access;

/// <summary>Who has keys, and what they are good for.</summary>
public static class AccessBook
{
    private const string PrincipalColumns = "p.principal_id, p.kind, p.name, p.roles, p.disabled_at";

    private const string Columns =
        $"""
        k.key_id, k.hash, k.scopes, k.note, k.created_at, k.created_by, k.expires_at, k.last_used_at, k.revoked_at, k.revoked_by,
        {PrincipalColumns}
        """;

    /// <summary>A page of the keys, ended ones too, those first that were made first.</summary>
    public static async Task<Page<AccessKey>> ListAsync(HubDbContext db, PageAsk ask, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(ask);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await new PageSql(
            Columns, "api_keys k JOIN principals p ON p.principal_id = k.principal_id", [("k.created_at", PlaceKind.Time), ("k.key_id", PlaceKind.Text)], isDescending: false)
            .ReadAsync(session, ask, Read, cancellationToken);
    }

    /// <summary>All keys, ended ones too; there are as many as people and programs were given.</summary>
    public static async Task<IReadOnlyList<AccessKey>> ListAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync($"SELECT {Columns} FROM api_keys k JOIN principals p ON p.principal_id = k.principal_id ORDER BY k.created_at, k.key_id", Read, cancellationToken);
    }

    /// <summary>Adds a key, and its principal when it is new, in the caller's transaction. A principal that is known gets the roles that the key names, when it names some.</summary>
    /// <returns>The principal as it is now.</returns>
    public static async Task<AccessPrincipal> AddAsync(HubDbContext db, AccessKey key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(key);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await AddAsync(session, key.Principal, key.CreatedAt, cancellationToken);
        if (key.Principal.Roles.Count > 0)
        {
            await session.ExecuteAsync(
                "UPDATE principals SET roles = @roles WHERE principal_id = @id", cancellationToken, ("roles", JsonSerializer.Serialize(key.Principal.Roles)), ("id", key.Principal.Id));
        }

        await session.ExecuteAsync(
            """
            INSERT INTO api_keys (key_id, principal_id, hash, scopes, note, created_at, created_by, expires_at)
            VALUES (@key, @principal, @hash, @scopes, @note, @at, @by, @expires)
            """,
            cancellationToken,
            ("key", key.KeyId), ("principal", key.Principal.Id), ("hash", key.Hash.ToArray()), ("scopes", JsonSerializer.Serialize(key.Scopes)), ("note", key.Note), ("at", key.CreatedAt),
            ("by", key.CreatedBy), ("expires", key.ExpiresAt));
        return (await FindAsync(session, key.Principal.Id, cancellationToken))!;
    }

    /// <summary>Adds a key for a principal that must be new, in the caller's transaction: of several hubs that try, one does.</summary>
    /// <returns>False when the principal was known.</returns>
    public static async Task<bool> TryAddFirstAsync(HubDbContext db, AccessKey key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(key);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        if (!await AddAsync(session, key.Principal, key.CreatedAt, cancellationToken))
        {
            return false;
        }

        await AddAsync(db, key, cancellationToken);
        return true;
    }

    /// <summary>A page of who is known: who has, or had, a key, and who was disabled.</summary>
    public static async Task<Page<AccessPrincipal>> ListPrincipalsAsync(HubDbContext db, bool onlyDisabled, PageAsk ask, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(ask);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var list = new PageSql(PrincipalColumns, "principals p", [("p.principal_id", PlaceKind.Text)], isDescending: false);
        return await (onlyDisabled ? list.Where("p.disabled_at IS NOT NULL") : list).ReadAsync(session, ask, ReadPrincipal, cancellationToken);
    }

    /// <summary>Somebody, or null who is not known.</summary>
    public static async Task<AccessPrincipal?> FindPrincipalAsync(HubDbContext db, string principalId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await FindAsync(session, principalId, cancellationToken);
    }

    /// <summary>Ids of all who may do nothing.</summary>
    public static async Task<IReadOnlyList<string>> DisabledAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync("SELECT p.principal_id FROM principals p WHERE p.disabled_at IS NOT NULL", row => row.GetString(0), cancellationToken);
    }

    /// <summary>Disables somebody, also one who has no key and was never here, in the caller's transaction.</summary>
    /// <returns>False when it was so before.</returns>
    public static async Task<bool> DisableAsync(HubDbContext db, AccessPrincipal principal, DateTimeOffset at, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(principal);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await AddAsync(session, principal, at, cancellationToken);
        return await session.ExecuteAsync("UPDATE principals SET disabled_at = @at WHERE principal_id = @id AND disabled_at IS NULL", cancellationToken, ("at", at), ("id", principal.Id)) == 1;
    }

    /// <summary>Lets somebody in again who was disabled, in the caller's transaction.</summary>
    /// <returns>False when nobody of that name was disabled.</returns>
    public static async Task<bool> EnableAsync(HubDbContext db, string principalId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        return await session.ExecuteAsync("UPDATE principals SET disabled_at = NULL WHERE principal_id = @id AND disabled_at IS NOT NULL", cancellationToken, ("id", principalId)) == 1;
    }

    /// <summary>Ends a key, in the caller's transaction.</summary>
    /// <returns>False when there is none, or it was ended before.</returns>
    public static async Task<bool> RevokeAsync(HubDbContext db, string keyId, string by, DateTimeOffset at, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        return await session.ExecuteAsync(
            "UPDATE api_keys SET revoked_at = @at, revoked_by = @by WHERE key_id = @key AND revoked_at IS NULL", cancellationToken, ("at", at), ("by", by), ("key", keyId)) == 1;
    }

    /// <summary>Notes when keys were used last, in the caller's transaction.</summary>
    public static async Task NoteUsesAsync(HubDbContext db, IReadOnlyCollection<KeyValuePair<string, DateTimeOffset>> uses, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(uses);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        foreach (var (key, at) in uses.OrderBy(use => use.Key, StringComparer.Ordinal)) // in one order, so that two hubs do not wait for each other
        {
            await session.ExecuteAsync(
                "UPDATE api_keys SET last_used_at = @at WHERE key_id = @key AND (last_used_at IS NULL OR last_used_at < @at)", cancellationToken, ("at", at), ("key", key));
        }
    }

    private static async Task<bool> AddAsync(DbSession session, AccessPrincipal principal, DateTimeOffset at, CancellationToken cancellationToken) => await session.ExecuteAsync(
        "INSERT INTO principals (principal_id, kind, name, roles, created_at) VALUES (@id, @kind, @name, @roles, @at) ON CONFLICT (principal_id) DO NOTHING",
        cancellationToken,
        ("id", principal.Id), ("kind", principal.Kind), ("name", principal.Name), ("roles", JsonSerializer.Serialize(principal.Roles)), ("at", at)) == 1;

    private static async Task<AccessPrincipal?> FindAsync(DbSession session, string principalId, CancellationToken cancellationToken) => (await session.ReadAsync(
        $"SELECT {PrincipalColumns} FROM principals p WHERE p.principal_id = @id", ReadPrincipal, cancellationToken, ("id", principalId))).SingleOrDefault();

    private static AccessKey Read(DbDataReader row)
    {
        var (hasScopes, hasRoles) = (StoredList.TryRead<string>(row, 2, out var scopes), StoredList.TryRead<string>(row, 13, out var roles));
        return new AccessKey
        {
            KeyId = row.GetString(0),
            Hash = row.GetFieldValue<byte[]>(1),
            Scopes = scopes,
            Note = row.TextOrNull(3),
            CreatedAt = row.Time(4),
            CreatedBy = row.GetString(5),
            ExpiresAt = row.IsDBNull(6) ? null : row.Time(6),
            LastUsedAt = row.IsDBNull(7) ? null : row.Time(7),
            RevokedAt = row.IsDBNull(8) ? null : row.Time(8),
            RevokedBy = row.TextOrNull(9),
            Principal = PrincipalOf(row, 10, roles),
            Unreadable = !hasScopes ? "scopes" : !hasRoles ? "roles" : null,
        };
    }

    private static AccessPrincipal ReadPrincipal(DbDataReader row) => StoredList.TryRead<string>(row, 3, out var roles) ? PrincipalOf(row, 0, roles) : PrincipalOf(row, 0, []) with { HasUnreadableRoles = true };

    private static AccessPrincipal PrincipalOf(DbDataReader row, int at, IReadOnlyList<string> roles) => new(
        row.GetString(at), row.GetString(at + 1), row.GetString(at + 2), roles, row.IsDBNull(at + 4) ? null : row.Time(at + 4));
}
