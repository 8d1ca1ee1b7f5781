using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Decisions about who is who that this version cannot read are found without a look at those that it can. A version that knows more words makes the indexes anew.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261130001000_UnreadableDecisions")]
public sealed class UnreadableDecisions : Migration
{
    private const string IsOne =
        """
        (verdict NOT IN ('merge', 'unmerge', 'block', 'unblock', 'assign') OR NOT (key_a LIKE 'external_id:%' OR key_a LIKE 'crm_id:%' OR key_a LIKE 'email:%' OR key_a LIKE 'phone:%' OR key_a LIKE 'account_id:%' OR key_a LIKE 'anonymous_id:%' OR key_a LIKE 'device_id:%') OR NOT (key_b LIKE 'external_id:%' OR key_b LIKE 'crm_id:%' OR key_b LIKE 'email:%' OR key_b LIKE 'phone:%' OR key_b LIKE 'account_id:%' OR key_b LIKE 'anonymous_id:%' OR key_b LIKE 'device_id:%'))
        """;

    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        $"""
        CREATE INDEX ix_identity_decisions_unreadable_a ON identity_decisions (tenant_id, key_a) WHERE {IsOne};
        CREATE INDEX ix_identity_decisions_unreadable_b ON identity_decisions (tenant_id, key_b) WHERE {IsOne};
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP INDEX ix_identity_decisions_unreadable_a;
        DROP INDEX ix_identity_decisions_unreadable_b;
        """);
}
