using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>Finds the last run of an audience to a destination, however many there were.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261205025000_LatestRuns")]
public sealed class LatestRuns : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("CREATE INDEX ix_audience_syncs_latest ON audience_syncs (audience, destination, requested_at);");

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP INDEX ix_audience_syncs_latest;");
}
