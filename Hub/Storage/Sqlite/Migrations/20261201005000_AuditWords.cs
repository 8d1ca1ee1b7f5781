using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>What was done by the first word of the action, as <c>run.</c>, is found without a walk along the log (decision 0070).</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261201005000_AuditWords")]
public sealed class AuditWords : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("CREATE INDEX ix_audit_word ON audit (substr(action, 1, instr(action, '.')), seq)");

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP INDEX ix_audit_word");
}
