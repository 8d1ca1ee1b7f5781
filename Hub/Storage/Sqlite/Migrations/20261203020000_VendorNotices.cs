using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>What vendors say of their interfaces beside answers (decision 0094).</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261203020000_VendorNotices")]
public sealed class VendorNotices : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE vendor_notices (
            destination TEXT NOT NULL,
            operation TEXT NOT NULL,
            kind TEXT NOT NULL,
            code TEXT NOT NULL,
            at INTEGER NULL,
            page TEXT NULL,
            successor TEXT NULL,
            first_seen INTEGER NOT NULL,
            last_seen INTEGER NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (destination, operation, kind, code)
        );
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE vendor_notices;");
}
