using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Which report a condition comes from and who tries whether it is gone; by what an audience's side at the vendor was asked for.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261126121000_Circuit")]
public sealed class Circuit : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DELETE FROM destination_conditions;
        ALTER TABLE destination_conditions ADD COLUMN mark TEXT NOT NULL DEFAULT '';
        ALTER TABLE destination_conditions ADD COLUMN probe_until INTEGER NULL;
        ALTER TABLE destination_audiences ADD COLUMN requested TEXT NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE destination_conditions DROP COLUMN mark;
        ALTER TABLE destination_conditions DROP COLUMN probe_until;
        ALTER TABLE destination_audiences DROP COLUMN requested;
        """);
}
