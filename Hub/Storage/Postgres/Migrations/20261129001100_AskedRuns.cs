using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>Runs that were asked for, with their commands, until they stand.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261129001100_AskedRuns")]
public sealed class AskedRuns : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE asked_runs (run_id uuid PRIMARY KEY, command text NOT NULL, body text NOT NULL, asked_at timestamptz NOT NULL);
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP TABLE asked_runs;
        """);
}
