using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>By which policy and up to which position each outcome was decided; and how many memberships the live lane began and ended by itself.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261128200000_Proofs")]
public sealed class Proofs : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE policy_versions (
            policy_id INTEGER PRIMARY KEY AUTOINCREMENT,
            version TEXT NOT NULL UNIQUE,
            content TEXT NOT NULL,
            first_seen INTEGER NOT NULL
        );
        ALTER TABLE outcomes ADD COLUMN policy_id INTEGER NULL;
        ALTER TABLE outcomes ADD COLUMN decided_position INTEGER NULL;
        ALTER TABLE bulk_jobs ADD COLUMN policy_id INTEGER NULL;
        ALTER TABLE bulk_jobs ADD COLUMN decided_position INTEGER NULL;
        CREATE TABLE live_guards (
            destination TEXT NOT NULL,
            audience TEXT NOT NULL,
            operation INTEGER NOT NULL,
            began_at INTEGER NOT NULL,
            members INTEGER NOT NULL,
            passed INTEGER NOT NULL,
            held INTEGER NOT NULL,
            held_since INTEGER NULL,
            PRIMARY KEY (destination, audience, operation)
        );
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP TABLE live_guards;
        ALTER TABLE bulk_jobs DROP COLUMN policy_id;
        ALTER TABLE bulk_jobs DROP COLUMN decided_position;
        ALTER TABLE outcomes DROP COLUMN policy_id;
        ALTER TABLE outcomes DROP COLUMN decided_position;
        DROP TABLE policy_versions;
        """);
}
