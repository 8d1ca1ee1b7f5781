using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Trips of canary people: when what they are was stated, and what destinations showed of it (decision 0055).</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261128232000_Canaries")]
public sealed class Canaries : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE canary_trips (
            canary TEXT NOT NULL,
            destination TEXT NOT NULL,
            stated_at INTEGER NOT NULL,
            stamp TEXT NOT NULL,
            goal_at INTEGER NOT NULL,
            state TEXT NOT NULL,
            shown_at INTEGER NULL,
            looked_at INTEGER NULL,
            looks INTEGER NOT NULL,
            next_look_at INTEGER NULL,
            findings TEXT NOT NULL,
            PRIMARY KEY (canary, destination, stated_at)
        );
        CREATE INDEX ix_canary_trips_due ON canary_trips (next_look_at) WHERE next_look_at IS NOT NULL;
        CREATE INDEX ix_canary_trips_at ON canary_trips (stated_at);
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE canary_trips;");
}
