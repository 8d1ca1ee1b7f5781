using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>What retention looks for by age, and the event that a delivery still sends.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261126125000_Retention")]
public sealed class Retention : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE INDEX ix_facts_received ON facts (received_at);
        CREATE INDEX ix_consent_history_recorded ON consent_history (recorded_at);
        CREATE INDEX ix_dead_letters_at ON dead_letters (at);
        CREATE INDEX ix_audience_syncs_finished ON audience_syncs (finished_at) WHERE finished_at IS NOT NULL;
        CREATE INDEX ix_deliveries_event ON deliveries (event_id) WHERE event_id IS NOT NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP INDEX ix_facts_received;
        DROP INDEX ix_consent_history_recorded;
        DROP INDEX ix_dead_letters_at;
        DROP INDEX ix_audience_syncs_finished;
        DROP INDEX ix_deliveries_event;
        """);
}
