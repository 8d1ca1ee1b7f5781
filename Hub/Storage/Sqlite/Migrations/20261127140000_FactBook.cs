using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>How many facts came in by hour, type and producer, and how facts depart from their contracts.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261127140000_FactBook")]
public sealed class FactBook : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE fact_volumes (
            hour INTEGER NOT NULL,
            event_type TEXT NOT NULL,
            producer TEXT NOT NULL,
            facts INTEGER NOT NULL,
            quarantined INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            PRIMARY KEY (hour, event_type, producer)
        );
        CREATE TABLE violations (
            type TEXT NOT NULL,
            event_type TEXT NOT NULL,
            name TEXT NOT NULL,
            path TEXT NOT NULL,
            producer TEXT NOT NULL,
            action TEXT NOT NULL,
            expected TEXT NULL,
            found TEXT NULL,
            sample_event_id TEXT NULL,
            count INTEGER NOT NULL,
            first_at INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
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
