using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>The keys of visitors and devices that a person has are found by the person.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261128230000_AliasesOfArrivals")]
public sealed class AliasesOfArrivals : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        "CREATE INDEX ix_identity_keys_aliases ON identity_keys (person, tenant_id) WHERE person_key LIKE 'anonymous_id:%' OR person_key LIKE 'device_id:%';");

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP INDEX ix_identity_keys_aliases;");
}
