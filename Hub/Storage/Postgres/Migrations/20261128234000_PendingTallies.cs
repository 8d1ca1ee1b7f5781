using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>How much waits, kept with every delivery that comes or goes, so that nobody counts the queue (decision 0057).</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261128234000_PendingTallies")]
public sealed class PendingTallies : Migration
{
    // Rows are added and never changed, so that no two turns wait for each other; they are folded while hubs look for alarms.
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE pending_tallies (
            run_id uuid NOT NULL,
            destination text NOT NULL,
            lane text NOT NULL,
            operation smallint NOT NULL,
            count bigint NOT NULL
        );
        CREATE INDEX ix_pending_tallies_run ON pending_tallies (run_id);
        CREATE INDEX ix_audience_syncs_open ON audience_syncs (requested_at) WHERE finished_at IS NULL;
        CREATE INDEX ix_backfill_runs_open ON backfill_runs (requested_at) WHERE finished_at IS NULL;
        LOCK TABLE deliveries IN SHARE MODE;
        INSERT INTO pending_tallies SELECT run_id, destination, lane, operation, count(*) FROM deliveries GROUP BY 1, 2, 3, 4;

        CREATE FUNCTION count_deliveries_that_come() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
            INSERT INTO pending_tallies SELECT run_id, destination, lane, operation, count(*) FROM new_deliveries GROUP BY 1, 2, 3, 4;
            RETURN NULL;
        END $body$;
        CREATE FUNCTION count_deliveries_that_go() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
            INSERT INTO pending_tallies SELECT run_id, destination, lane, operation, -count(*) FROM old_deliveries GROUP BY 1, 2, 3, 4;
            RETURN NULL;
        END $body$;
        CREATE FUNCTION forget_deliveries() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
            DELETE FROM pending_tallies;
            RETURN NULL;
        END $body$;
        CREATE TRIGGER deliveries_end AFTER TRUNCATE ON deliveries FOR EACH STATEMENT EXECUTE FUNCTION forget_deliveries();
        CREATE TRIGGER deliveries_come AFTER INSERT ON deliveries REFERENCING NEW TABLE AS new_deliveries FOR EACH STATEMENT EXECUTE FUNCTION count_deliveries_that_come();
        CREATE TRIGGER deliveries_go AFTER DELETE ON deliveries REFERENCING OLD TABLE AS old_deliveries FOR EACH STATEMENT EXECUTE FUNCTION count_deliveries_that_go();
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP TRIGGER deliveries_end ON deliveries;
        DROP FUNCTION forget_deliveries();
        DROP TRIGGER deliveries_come ON deliveries;
        DROP TRIGGER deliveries_go ON deliveries;
        DROP FUNCTION count_deliveries_that_come();
        DROP FUNCTION count_deliveries_that_go();
        DROP TABLE pending_tallies;
        DROP INDEX ix_audience_syncs_open;
        DROP INDEX ix_backfill_runs_open;
        """);
}
