using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>What vendors say of their interfaces beside answers (decision 0094).</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261203020000_VendorNotices")]
public sealed class VendorNotices : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE vendor_notices (
            destination text NOT NULL,
            operation text NOT NULL,
            kind text NOT NULL,
            code text NOT NULL,
            at timestamptz NULL,
            page text NULL,
            successor text NULL,
            first_seen timestamptz NOT NULL,
            last_seen timestamptz NOT NULL,
            count bigint NOT NULL,
            PRIMARY KEY (destination, operation, kind, code)
        );
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE vendor_notices;");
}
