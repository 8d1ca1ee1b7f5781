using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Comparisons with what vendors hold, who differed in them, and the calls of the day that reading took (decision 0041).</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261128020000_Reconciliations")]
public sealed class Reconciliations : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE reconciliations (
            run_id TEXT PRIMARY KEY,
            audience TEXT NOT NULL,
            destination TEXT NOT NULL,
            heal TEXT NOT NULL,
            whole_fields INTEGER NOT NULL,
            sample INTEGER NOT NULL,
            requested_by TEXT NOT NULL,
            requested_at INTEGER NOT NULL,
            stage TEXT NOT NULL,
            cursor TEXT NULL,
            after_id INTEGER NOT NULL,
            read_since INTEGER NULL,
            waiting_until INTEGER NULL,
            compared_at INTEGER NULL,
            calls INTEGER NOT NULL,
            listed INTEGER NOT NULL,
            expected INTEGER NOT NULL,
            found INTEGER NOT NULL,
            missing INTEGER NOT NULL,
            unexpected INTEGER NOT NULL,
            different INTEGER NOT NULL,
            duplicates INTEGER NOT NULL,
            checked INTEGER NOT NULL
        );
        CREATE INDEX ix_reconciliations_pair ON reconciliations (audience, destination, requested_at);
        CREATE INDEX ix_reconciliations_waiting ON reconciliations (waiting_until) WHERE waiting_until IS NOT NULL;
        CREATE TABLE reconciliation_findings (
            finding_id INTEGER PRIMARY KEY AUTOINCREMENT,
            run_id TEXT NOT NULL,
            kind TEXT NOT NULL,
            cause TEXT NULL,
            profile_id INTEGER NULL,
            remote_id TEXT NULL,
            key TEXT NULL,
            field TEXT NULL
        );
        CREATE INDEX ix_reconciliation_findings_run ON reconciliation_findings (run_id, kind, finding_id);
        CREATE INDEX ix_reconciliation_findings_profile ON reconciliation_findings (run_id, profile_id);
        CREATE TABLE read_back_days (
            destination TEXT PRIMARY KEY,
            day INTEGER NOT NULL,
            calls INTEGER NOT NULL
        );
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE reconciliations; DROP TABLE reconciliation_findings; DROP TABLE read_back_days;");
}
