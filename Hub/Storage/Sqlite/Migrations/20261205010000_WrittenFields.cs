using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Which fields that are written once were written to whom (decision 0107).</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261205010000_WrittenFields")]
public sealed class WrittenFields : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE written_fields (
            destination TEXT NOT NULL,
            profile_id INTEGER NOT NULL,
            field TEXT NOT NULL,
            offered_hash TEXT NULL,
            written_at INTEGER NULL,
            PRIMARY KEY (destination, profile_id, field)
        );
        CREATE INDEX ix_written_fields_profile ON written_fields (profile_id);
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE written_fields;");
}
