using IntegrationHub.Identity;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Keys that an erased person had and others have too are listed without a look at every consent.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261129000000_UndecidedKeys")]
public sealed class UndecidedKeys : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        $"CREATE INDEX ix_consents_undecided ON consents (subject_key) WHERE purpose = 'suppression:erasure_undecided' AND status = '{ConsentWord.Denied}';");

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP INDEX ix_consents_undecided;");
}
