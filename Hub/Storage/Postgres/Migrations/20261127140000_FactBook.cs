using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>How many facts came in by hour, type and producer, and how facts depart from their contracts.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261127140000_FactBook")]
public sealed class FactBook : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE fact_volumes (
            hour timestamptz NOT NULL,
            event_type text NOT NULL,
            producer text NOT NULL,
            facts bigint NOT NULL,
            quarantined bigint NOT NULL,
            last_at timestamptz NOT NULL,
            PRIMARY KEY (hour, event_type, producer)
        );
        CREATE TABLE violations (
            type text NOT NULL,
            event_type text NOT NULL,
            name text NOT NULL,
            path text NOT NULL,
            producer text NOT NULL,
            action text NOT NULL,
            expected text NULL,
            found text NULL,
            sample_event_id text NULL,
            count bigint NOT NULL,
            first_at timestamptz NOT NULL,
            last_at timestamptz NOT NULL,
            PRIMARY KEY (type, event_type, name, path, producer)
        );
        CREATE INDEX violations_last_at ON violations (last_at);
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP TABLE violations;
        DROP TABLE fact_volumes;
        """);
}
