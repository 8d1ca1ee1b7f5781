using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Runs that were asked for, with their commands, until they stand.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261129001100_AskedRuns")]
public sealed class AskedRuns : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE asked_runs (run_id TEXT PRIMARY KEY, command TEXT NOT NULL, body TEXT NOT NULL, asked_at INTEGER NOT NULL);
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP TABLE asked_runs;
        """);
}
