using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>How often the fields of facts say something, by day, and which values have those that have few.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261127190000_FactFields")]
public sealed class FactFields : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE fact_fields (
            day INTEGER NOT NULL,
            event_type TEXT NOT NULL,
            producer TEXT NOT NULL,
            path TEXT NOT NULL,
            facts INTEGER NOT NULL,
            present INTEGER NOT NULL,
            PRIMARY KEY (day, event_type, producer, path)
        );
        CREATE TABLE fact_values (
            event_type TEXT NOT NULL,
            producer TEXT NOT NULL,
            path TEXT NOT NULL,
            value TEXT NOT NULL,
            facts INTEGER NOT NULL,
            first_at INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
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
