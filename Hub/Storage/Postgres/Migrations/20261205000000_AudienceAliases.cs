using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>Former names of audiences (decision 0100).</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261205000000_AudienceAliases")]
public sealed class AudienceAliases : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("CREATE TABLE audience_aliases (alias text NOT NULL PRIMARY KEY, audience text NOT NULL);");

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE audience_aliases;");
}
