using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>Trips of canary people: when what they are was stated, and what destinations showed of it (decision 0055).</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261128232000_Canaries")]
public sealed class Canaries : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE canary_trips (
            canary text NOT NULL,
            destination text NOT NULL,
            stated_at timestamptz NOT NULL,
            stamp text NOT NULL,
            goal_at timestamptz NOT NULL,
            state text NOT NULL,
            shown_at timestamptz NULL,
            looked_at timestamptz NULL,
            looks integer NOT NULL,
            next_look_at timestamptz NULL,
            findings text NOT NULL,
            PRIMARY KEY (canary, destination, stated_at)
        );
        CREATE INDEX ix_canary_trips_due ON canary_trips (next_look_at) WHERE next_look_at IS NOT NULL;
        CREATE INDEX ix_canary_trips_at ON canary_trips (stated_at);
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE canary_trips;");
}
