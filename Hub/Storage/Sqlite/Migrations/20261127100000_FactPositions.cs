using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Every fact gets its place in the log; event ids are known in a table of their own.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261127100000_FactPositions")]
public sealed class FactPositions : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE fact_ids (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            event_id TEXT NOT NULL UNIQUE,
            received_at INTEGER NOT NULL
        );
        INSERT INTO fact_ids (event_id, received_at) SELECT event_id, received_at FROM facts ORDER BY received_at, event_id;
        ALTER TABLE facts ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
        UPDATE facts SET position = (SELECT i.position FROM fact_ids i WHERE i.event_id = facts.event_id);
        CREATE UNIQUE INDEX ix_facts_position ON facts (position);
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP INDEX ix_facts_position;
        ALTER TABLE facts DROP COLUMN position;
        DROP TABLE fact_ids;
        """);
}
