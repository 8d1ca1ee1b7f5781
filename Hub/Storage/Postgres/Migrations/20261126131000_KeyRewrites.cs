using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>How far keys that earlier versions stored are brought into their normal form.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261126131000_KeyRewrites")]
public sealed class KeyRewrites : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("CREATE TABLE key_rewrites (table_name text PRIMARY KEY, place text NOT NULL);");

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE key_rewrites;");
}
