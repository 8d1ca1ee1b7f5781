using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>Every configuration that was proposed or applied, which one is in force, and by which one each plan was made.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261201002000_ConfigVersions")]
public sealed class ConfigVersions : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE config_versions (
            version bigint PRIMARY KEY,
            content_hash text NOT NULL,
            files jsonb NOT NULL,
            source text NOT NULL,
            git_commit text,
            created_by text NOT NULL,
            created_at timestamptz NOT NULL,
            message text,
            plan_hash text,
            approval_id uuid
        );
        CREATE INDEX ix_config_versions_approval ON config_versions (approval_id) WHERE approval_id IS NOT NULL;
        CREATE TABLE config_active (
            id integer PRIMARY KEY CHECK (id = 1),
            version bigint NOT NULL,
            activated_at timestamptz NOT NULL,
            activated_by text NOT NULL
        );
        ALTER TABLE run_plans ADD COLUMN config_version bigint;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE run_plans DROP COLUMN config_version;
        DROP TABLE config_active;
        DROP TABLE config_versions;
        """);
}
