using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>Which audiences a destination takes live, what is owed once however often it changes, and what came of it by the minute.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261127150000_LiveState")]
public sealed class LiveState : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE live_routes (
            audience text NOT NULL,
            destination text NOT NULL,
            stream_id uuid NOT NULL,
            partitions integer NOT NULL,
            PRIMARY KEY (audience, destination)
        );
        CREATE INDEX ix_live_routes_destination ON live_routes (destination);
        CREATE UNIQUE INDEX ix_deliveries_live ON deliveries (run_id, profile_id, audience) WHERE lane = 'live' AND operation <= 3;
        CREATE TABLE live_counts (
            destination text NOT NULL,
            minute timestamptz NOT NULL,
            partition integer NOT NULL,
            outcome text NOT NULL,
            count bigint NOT NULL,
            PRIMARY KEY (destination, minute, partition, outcome)
        );
        CREATE INDEX ix_live_counts_minute ON live_counts (minute);
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP INDEX ix_deliveries_live;
        DELETE FROM deliveries WHERE lane = 'live' AND operation <= 3;
        DROP TABLE live_routes;
        DROP TABLE live_counts;
        """);
}
