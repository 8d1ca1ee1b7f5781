using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Which destinations hear of a changed consent at once.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261125130000_LiveConsent")]
public sealed class LiveConsent : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE consent_routes (
            destination text NOT NULL,
            purpose text NOT NULL,
            stream_id text NOT NULL,
            partitions integer NOT NULL,
            PRIMARY KEY (destination, purpose)
        );
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE consent_routes;");
}
