using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>The ids of facts are found by position too: they tell in which partitions a part of the log lies.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261127160000_FactPlaces")]
public sealed class FactPlaces : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("CREATE INDEX ix_fact_ids_position ON fact_ids (position)");

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP INDEX ix_fact_ids_position");
}
