using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>The row in which hub instances share a destination's quota.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261125120000_Quota")]
public sealed class Quota : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql("CREATE TABLE destination_quotas (destination text PRIMARY KEY, state text NULL);");

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE destination_quotas;");
}
