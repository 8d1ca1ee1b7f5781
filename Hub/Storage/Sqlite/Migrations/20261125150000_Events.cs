using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Which destinations are told of which events, and of a delivery which event it is and whether it is being sent.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261125150000_Events")]
public sealed class Events : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE event_routes (
            destination TEXT NOT NULL,
            event_name TEXT NOT NULL,
            stream_id TEXT NOT NULL,
            partitions INTEGER NOT NULL,
            PRIMARY KEY (destination, event_name)
        );
        CREATE INDEX ix_event_routes_name ON event_routes (event_name);
        ALTER TABLE deliveries ADD COLUMN event_id TEXT NULL;
        ALTER TABLE deliveries ADD COLUMN sending_since INTEGER NULL;
        ALTER TABLE dead_letters ADD COLUMN event_id TEXT NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP TABLE event_routes;
        ALTER TABLE deliveries DROP COLUMN event_id;
        ALTER TABLE deliveries DROP COLUMN sending_since;
        ALTER TABLE dead_letters DROP COLUMN event_id;
        """);
}
