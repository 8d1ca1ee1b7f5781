using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>
/// Whom a destination knows by the vendor's id or by key is found by the index of it. SQLite prefers the primary key of a table without row ids, which told it the
/// destination alone, so that each look walked everybody there.
/// </summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261127121000_KeyLookups")]
public sealed class KeyLookups : Migration
{
    private const string Columns = "destination, profile_id, remote_id, content_hash, profile_version, plan_version, confirmed_at, run_id, key_hash";

    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => Rebuild(migrationBuilder, "");

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => Rebuild(migrationBuilder, " WITHOUT ROWID");

    private static void Rebuild(MigrationBuilder migrationBuilder, string kind) => migrationBuilder.Sql(
        $"""
        CREATE TABLE destination_profiles_rebuilt (
            destination TEXT NOT NULL,
            profile_id INTEGER NOT NULL,
            remote_id TEXT NULL,
            content_hash TEXT NULL,
            profile_version INTEGER NULL,
            plan_version TEXT NULL,
            confirmed_at INTEGER NULL,
            run_id TEXT NULL,
            key_hash TEXT NULL,
            PRIMARY KEY (destination, profile_id)
        ){kind};
        INSERT INTO destination_profiles_rebuilt ({Columns}) SELECT {Columns} FROM destination_profiles;
        DROP TABLE destination_profiles;
        ALTER TABLE destination_profiles_rebuilt RENAME TO destination_profiles;
        CREATE INDEX ix_destination_profiles_remote_id ON destination_profiles (destination, remote_id) WHERE remote_id IS NOT NULL;
        CREATE INDEX ix_destination_profiles_key ON destination_profiles (destination, key_hash) WHERE key_hash IS NOT NULL;
        """);
}
