using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Vendors' fields and how they were (decision 0095).</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261203021000_VendorFields")]
public sealed class VendorFields : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE vendor_fields (
            destination TEXT NOT NULL,
            name TEXT NOT NULL,
            seen_at INTEGER NOT NULL,
            is_current INTEGER NOT NULL,
            state TEXT NOT NULL,
            type TEXT NOT NULL,
            length INTEGER NULL,
            read_only INTEGER NOT NULL,
            was_state TEXT NULL,
            was_type TEXT NULL,
            was_length INTEGER NULL,
            was_read_only INTEGER NOT NULL,
            PRIMARY KEY (destination, name, seen_at)
        );
        CREATE INDEX ix_vendor_fields_changed ON vendor_fields (destination, name) WHERE is_current AND was_state IS NOT NULL;
        CREATE INDEX ix_vendor_fields_former ON vendor_fields (seen_at) WHERE NOT is_current;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE vendor_fields;");
}
