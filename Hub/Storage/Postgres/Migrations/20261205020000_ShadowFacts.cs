using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>Which facts of shadows were taken in, so that a repeat is known for one (decision 0099).</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261205020000_ShadowFacts")]
public sealed class ShadowFacts : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE shadow_facts (
            event_id uuid PRIMARY KEY,
            received_at bigint NOT NULL
        );
        CREATE INDEX ix_shadow_facts_received ON shadow_facts (received_at);
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE shadow_facts;");
}
