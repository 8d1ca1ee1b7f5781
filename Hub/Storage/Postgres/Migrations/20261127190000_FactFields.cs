using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>How often the fields of facts say something, by day, and which values have those that have few.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261127190000_FactFields")]
public sealed class FactFields : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE fact_fields (
            day timestamptz NOT NULL,
            event_type text NOT NULL,
            producer text NOT NULL,
            path text NOT NULL,
            facts bigint NOT NULL,
            present bigint NOT NULL,
            PRIMARY KEY (day, event_type, producer, path)
        );
        CREATE TABLE fact_values (
            event_type text NOT NULL,
            producer text NOT NULL,
            path text NOT NULL,
            value text NOT NULL,
            facts bigint NOT NULL,
            first_at timestamptz NOT NULL,
            last_at timestamptz NOT NULL,
            PRIMARY KEY (event_type, producer, path, value)
        );
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP TABLE fact_values;
        DROP TABLE fact_fields;
        """);
}
