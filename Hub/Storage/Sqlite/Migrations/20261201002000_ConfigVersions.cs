using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Every configuration that was proposed or applied, which one is in force, and by which one each plan was made.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261201002000_ConfigVersions")]
public sealed class ConfigVersions : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE config_versions (
            version integer PRIMARY KEY,
            content_hash text NOT NULL,
            files text NOT NULL,
            source text NOT NULL,
            git_commit text,
            created_by text NOT NULL,
            created_at integer NOT NULL,
            message text,
            plan_hash text,
            approval_id text
        );
        CREATE INDEX ix_config_versions_approval ON config_versions (approval_id) WHERE approval_id IS NOT NULL;
        CREATE TABLE config_active (
            id integer PRIMARY KEY CHECK (id = 1),
            version integer NOT NULL,
            activated_at integer NOT NULL,
            activated_by text NOT NULL
        );
        ALTER TABLE run_plans ADD COLUMN config_version integer;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE run_plans DROP COLUMN config_version;
        DROP TABLE config_active;
        DROP TABLE config_versions;
        """);
}
