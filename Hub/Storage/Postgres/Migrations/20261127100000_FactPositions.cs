using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>Every fact gets its place in the log; event ids are known in a table of their own.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261127100000_FactPositions")]
public sealed class FactPositions : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        SET LOCAL enable_seqscan = on;
        CREATE TABLE fact_ids (
            event_id uuid NOT NULL,
            received_at timestamptz NOT NULL,
            position bigint GENERATED ALWAYS AS IDENTITY
        );
        INSERT INTO fact_ids (event_id, received_at) SELECT event_id, received_at FROM facts ORDER BY received_at, event_id;
        ALTER TABLE fact_ids ADD PRIMARY KEY (event_id);
        ALTER TABLE facts DROP CONSTRAINT facts_pkey;
        ALTER TABLE facts ADD COLUMN position bigint NULL;
        UPDATE facts f SET position = i.position FROM fact_ids i WHERE i.event_id = f.event_id;
        ALTER TABLE facts ALTER COLUMN position SET NOT NULL;
        CREATE INDEX ix_facts_position ON facts (position);
        CREATE INDEX ix_facts_event ON facts (event_id);
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE facts DROP COLUMN position;
        DROP INDEX ix_facts_event;
        ALTER TABLE facts ADD PRIMARY KEY (event_id);
        DROP TABLE fact_ids;
        """);
}
