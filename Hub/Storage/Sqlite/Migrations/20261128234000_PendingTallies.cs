using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>How much waits, kept with every delivery that comes or goes, so that nobody counts the queue (decision 0057).</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261128234000_PendingTallies")]
public sealed class PendingTallies : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE pending_tallies (
            run_id TEXT NOT NULL,
            destination TEXT NOT NULL,
            lane TEXT NOT NULL,
            operation INTEGER NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (run_id, destination, lane, operation)
        ) WITHOUT ROWID;
        CREATE INDEX ix_audience_syncs_open ON audience_syncs (requested_at) WHERE finished_at IS NULL;
        CREATE INDEX ix_backfill_runs_open ON backfill_runs (requested_at) WHERE finished_at IS NULL;
        INSERT INTO pending_tallies SELECT run_id, destination, lane, operation, count(*) FROM deliveries GROUP BY 1, 2, 3, 4;
        CREATE TRIGGER deliveries_come AFTER INSERT ON deliveries BEGIN
            INSERT INTO pending_tallies VALUES (NEW.run_id, NEW.destination, NEW.lane, NEW.operation, 1)
            ON CONFLICT (run_id, destination, lane, operation) DO UPDATE SET count = count + 1;
        END;
        CREATE TRIGGER deliveries_go AFTER DELETE ON deliveries BEGIN
            UPDATE pending_tallies SET count = count - 1 WHERE run_id = OLD.run_id AND destination = OLD.destination AND lane = OLD.lane AND operation = OLD.operation;
        END;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TRIGGER deliveries_come; DROP TRIGGER deliveries_go; DROP TABLE pending_tallies; DROP INDEX ix_audience_syncs_open; DROP INDEX ix_backfill_runs_open;");
}
