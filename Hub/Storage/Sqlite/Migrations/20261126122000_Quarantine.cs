using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Facts that were set aside, keys that people had, whether a consent only travelled with a fact; and what retention looks for by age.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261126122000_Quarantine")]
public sealed class Quarantine : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE quarantined_facts (
            quarantine_id TEXT PRIMARY KEY,
            received_at INTEGER NOT NULL,
            event_type TEXT NULL,
            event_id TEXT NULL,
            path TEXT NOT NULL,
            code TEXT NOT NULL,
            problem TEXT NOT NULL,
            body BLOB NOT NULL
        );
        CREATE INDEX ix_quarantined_facts_received ON quarantined_facts (received_at);
        CREATE TABLE former_keys (
            tenant_id TEXT NOT NULL,
            subject_key TEXT NOT NULL,
            profile_id INTEGER NOT NULL,
            until INTEGER NOT NULL,
            PRIMARY KEY (tenant_id, subject_key, profile_id)
        );
        CREATE INDEX ix_former_keys_profile ON former_keys (profile_id);
        ALTER TABLE consents ADD COLUMN collected INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE consent_history ADD COLUMN collected INTEGER NOT NULL DEFAULT 0;
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
