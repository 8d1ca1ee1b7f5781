using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Erasures that were asked for before they waited without an end wait so, too.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261201011000_WaitingErasures")]
public sealed class WaitingErasures : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("UPDATE approvals SET expires_at = NULL WHERE kind = 'erasure' AND state = 'waiting';");

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
    }
}
