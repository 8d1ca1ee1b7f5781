using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>What a shadow states of one thing is walked along part by part, and whoever holds a key is asked which others are theirs (decision 0112).</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261206040000_ShadowPlaces")]
public sealed class ShadowPlaces : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE INDEX ix_shadow_statements_place ON shadow_statements (source, kind, name, statement_id);
        CREATE INDEX ix_identity_keys_person ON identity_keys (person, tenant_id) WHERE state = 'held';
        CREATE INDEX ix_identity_keys_profile ON identity_keys (profile_id) WHERE state = 'held' AND profile_id IS NOT NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP INDEX ix_shadow_statements_place; DROP INDEX ix_identity_keys_person; DROP INDEX ix_identity_keys_profile;");
}
