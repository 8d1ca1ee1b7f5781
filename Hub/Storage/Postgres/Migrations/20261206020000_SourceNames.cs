using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>Names that sources had (decision 0111).</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261206020000_SourceNames")]
public sealed class SourceNames : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("CREATE TABLE source_names (name text NOT NULL PRIMARY KEY, source text NOT NULL, name_in_ids text NOT NULL);");

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE source_names;");
}
