using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Until when a hub counts as alive, by its own settings; and what waits in the quarantine is counted without reading what is settled.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261128190000_Hearing")]
public sealed class Hearing : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE instances ADD COLUMN heard_until INTEGER NULL;
        CREATE INDEX ix_quarantined_facts_waiting ON quarantined_facts (received_at) WHERE outcome IS NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP INDEX ix_quarantined_facts_waiting; ALTER TABLE instances DROP COLUMN heard_until;");
}
