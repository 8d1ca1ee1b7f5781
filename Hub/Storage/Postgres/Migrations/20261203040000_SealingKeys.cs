using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>Which keys columns may be sealed with, and how far the log is as the hub would write it (decision 0079).</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261203040000_SealingKeys")]
public sealed class SealingKeys : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE sealing_keys (
            key_id text PRIMARY KEY,
            proof text NOT NULL,
            announced_at timestamptz NOT NULL,
            facts_until bigint NOT NULL
        );
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE sealing_keys;");
}
