using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Which version of the configuration each hub runs, and since when its folder holds something that nobody applied.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261201009000_HubConfigurations")]
public sealed class HubConfigurations : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE instances ADD COLUMN config_version integer NULL;
        ALTER TABLE instances ADD COLUMN config_pending_since integer NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE instances DROP COLUMN config_pending_since;
        ALTER TABLE instances DROP COLUMN config_version;
        """);
}
