using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>What is done again from the log (decision 0045): a receipt of an event names the run that told, letters are found by their event, and people whose state is rebuilt stand with the run.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261128150000_EventReplays")]
public sealed class EventReplays : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE event_receipts ADD COLUMN run_id uuid NULL;
        CREATE INDEX ix_event_receipts_run ON event_receipts (run_id, position) WHERE run_id IS NOT NULL;
        CREATE TABLE rebuild_people (
            run_id uuid NOT NULL,
            profile_id bigint NOT NULL,
            changes text NULL,
            PRIMARY KEY (run_id, profile_id)
        );
        CREATE INDEX ix_dead_letters_fact ON dead_letters (fact_position) WHERE fact_position IS NOT NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP TABLE rebuild_people;
        DROP INDEX ix_dead_letters_fact;
        DROP INDEX ix_event_receipts_run;
        ALTER TABLE event_receipts DROP COLUMN run_id;
        """);
}
