using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>Vendors' fields and how they were (decision 0095).</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261203021000_VendorFields")]
public sealed class VendorFields : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE vendor_fields (
            destination text NOT NULL,
            name text NOT NULL,
            seen_at timestamptz NOT NULL,
            is_current boolean NOT NULL,
            state text NOT NULL,
            type text NOT NULL,
            length integer NULL,
            read_only boolean NOT NULL,
            was_state text NULL,
            was_type text NULL,
            was_length integer NULL,
            was_read_only boolean NOT NULL,
            PRIMARY KEY (destination, name, seen_at)
        );
        CREATE INDEX ix_vendor_fields_changed ON vendor_fields (destination, name) WHERE is_current AND was_state IS NOT NULL;
        CREATE INDEX ix_vendor_fields_former ON vendor_fields (seen_at) WHERE NOT is_current;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE vendor_fields;");
}
