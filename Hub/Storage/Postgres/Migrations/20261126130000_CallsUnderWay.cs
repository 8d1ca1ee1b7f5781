using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>The vendor calls that all instances have under way, with the people whom they write.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261126130000_CallsUnderWay")]
public sealed class CallsUnderWay : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE UNLOGGED TABLE calls_under_way (
            call_id uuid PRIMARY KEY,
            destination text NOT NULL,
            owner text NOT NULL,
            batch_id uuid NOT NULL,
            names bigint[] NOT NULL,
            expires_at timestamptz NOT NULL
        ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
        ALTER TABLE calls_under_way ALTER COLUMN names SET STORAGE MAIN;
        CREATE INDEX ix_calls_under_way_destination ON calls_under_way (destination);
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE calls_under_way;");
}
