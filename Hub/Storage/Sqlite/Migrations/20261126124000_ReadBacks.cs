using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>One result per run and round of reading back, and who was missing or unexpected; of a run, when it is read back again.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261126124000_ReadBacks")]
public sealed class ReadBacks : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE read_backs (
            run_id TEXT NOT NULL,
            round INTEGER NOT NULL,
            is_last INTEGER NOT NULL,
            expected INTEGER NOT NULL,
            found INTEGER NOT NULL,
            missing INTEGER NOT NULL,
            unexpected INTEGER NOT NULL,
            with_issues INTEGER NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (run_id, round)
        ) WITHOUT ROWID;
        CREATE TABLE read_back_findings (
            finding_id INTEGER PRIMARY KEY AUTOINCREMENT,
            run_id TEXT NOT NULL,
            kind TEXT NOT NULL,
            profile_id INTEGER NULL,
            remote_id TEXT NULL,
            key TEXT NULL
        );
        CREATE INDEX ix_read_back_findings_run ON read_back_findings (run_id, finding_id);
        ALTER TABLE audience_syncs ADD COLUMN read_back_at INTEGER NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP TABLE read_backs;
        DROP TABLE read_back_findings;
        ALTER TABLE audience_syncs DROP COLUMN read_back_at;
        """);
}
