using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>How far the memberships of a list are set: piece by piece, so that nobody waits long for the ledger.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261128130000_SnapshotPieces")]
public sealed class SnapshotPieces : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("ALTER TABLE snapshots ADD COLUMN set_until bigint NOT NULL DEFAULT 0");

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("ALTER TABLE snapshots DROP COLUMN set_until");
}
