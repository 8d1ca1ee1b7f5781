using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>What a list of members left open: rows that could not be read, whom they may name, and rows that a later one repeats.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261126123000_UnreadRows")]
public sealed class UnreadRows : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE audience_syncs ADD COLUMN unread_rows INTEGER NULL;
        ALTER TABLE run_plans ADD COLUMN unread_rows INTEGER NULL;
        ALTER TABLE audiences ADD COLUMN snapshot_id TEXT NULL;
        ALTER TABLE audiences ADD COLUMN unread_rows INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE audiences ADD COLUMN unread_since INTEGER NULL;
        ALTER TABLE snapshots ADD COLUMN unread_rows INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE snapshot_rejects ADD COLUMN external_ids TEXT NOT NULL DEFAULT '[]';
        CREATE TABLE snapshot_repeats (
            snapshot_id TEXT NOT NULL,
            line INTEGER NOT NULL,
            later_line INTEGER NOT NULL,
            PRIMARY KEY (snapshot_id, line)
        ) WITHOUT ROWID;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP TABLE snapshot_repeats;
        ALTER TABLE snapshot_rejects DROP COLUMN external_ids;
        ALTER TABLE snapshots DROP COLUMN unread_rows;
        ALTER TABLE audiences DROP COLUMN unread_since;
        ALTER TABLE audiences DROP COLUMN unread_rows;
        ALTER TABLE audiences DROP COLUMN snapshot_id;
        ALTER TABLE run_plans DROP COLUMN unread_rows;
        ALTER TABLE audience_syncs DROP COLUMN unread_rows;
        """);
}
