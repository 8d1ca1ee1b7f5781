using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>What destinations are owed when it changes who somebody is: by which key they have the person, into whom another one ends, and what each of them asks for (decision 0036).</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261127210000_IdentityDues")]
public sealed class IdentityDues : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE deliveries ADD COLUMN named_key text NULL;
        ALTER TABLE deliveries ADD COLUMN other_profile_id bigint NULL;
        ALTER TABLE dead_letters ADD COLUMN named_key text NULL;
        ALTER TABLE dead_letters ADD COLUMN other_profile_id bigint NULL;
        CREATE UNIQUE INDEX ix_deliveries_identity ON deliveries (run_id, profile_id, operation, coalesce(named_key, ''), coalesce(other_profile_id, 0)) WHERE operation >= 6;
        ALTER TABLE identity_routes ADD COLUMN stream_id uuid NULL;
        ALTER TABLE identity_routes ADD COLUMN partitions integer NOT NULL DEFAULT 1;
        ALTER TABLE identity_routes ADD COLUMN on_merge text NOT NULL DEFAULT 'retire';
        ALTER TABLE identity_routes ADD COLUMN on_delete text NOT NULL DEFAULT 'retire';
        ALTER TABLE identity_routes ADD COLUMN aliases text NOT NULL DEFAULT '';
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP INDEX ix_deliveries_identity;
        DELETE FROM deliveries WHERE operation >= 6;
        ALTER TABLE deliveries DROP COLUMN named_key;
        ALTER TABLE deliveries DROP COLUMN other_profile_id;
        ALTER TABLE dead_letters DROP COLUMN named_key;
        ALTER TABLE dead_letters DROP COLUMN other_profile_id;
        ALTER TABLE identity_routes DROP COLUMN stream_id;
        ALTER TABLE identity_routes DROP COLUMN partitions;
        ALTER TABLE identity_routes DROP COLUMN on_merge;
        ALTER TABLE identity_routes DROP COLUMN on_delete;
        ALTER TABLE identity_routes DROP COLUMN aliases;
        """);
}
