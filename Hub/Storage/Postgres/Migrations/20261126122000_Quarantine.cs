using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>Facts that were set aside, keys that people had, whether a consent only travelled with a fact; and what retention looks for by age.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261126122000_Quarantine")]
public sealed class Quarantine : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE quarantined_facts (
            quarantine_id uuid PRIMARY KEY,
            received_at timestamptz NOT NULL,
            event_type text NULL,
            event_id text NULL,
            path text NOT NULL,
            code text NOT NULL,
            problem text NOT NULL,
            body bytea NOT NULL
        );
        CREATE INDEX ix_quarantined_facts_received ON quarantined_facts (received_at);
        CREATE TABLE former_keys (
            tenant_id text NOT NULL,
            subject_key text NOT NULL,
            profile_id bigint NOT NULL,
            until timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, subject_key, profile_id)
        );
        CREATE INDEX ix_former_keys_profile ON former_keys (profile_id);
        ALTER TABLE consents ADD COLUMN collected boolean NOT NULL DEFAULT false;
        ALTER TABLE consent_history ADD COLUMN collected boolean NOT NULL DEFAULT false;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP TABLE quarantined_facts;
        DROP TABLE former_keys;
        ALTER TABLE consents DROP COLUMN collected;
        ALTER TABLE consent_history DROP COLUMN collected;
        """);
}
