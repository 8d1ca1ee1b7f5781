using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>By which keys facts wait that were set aside because nobody could be told by them, memberships of people who have several profiles, what destinations know people by, and merges that producers stated (decision 0033).</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261127180000_IdentityDecisions")]
public sealed class IdentityDecisions : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE identity_waiting (
            tenant_id TEXT NOT NULL,
            person_key TEXT NOT NULL,
            quarantine_id TEXT NOT NULL,
            PRIMARY KEY (tenant_id, person_key, quarantine_id)
        ) WITHOUT ROWID;
        CREATE INDEX ix_identity_waiting_quarantine ON identity_waiting (quarantine_id);
        CREATE TABLE identity_memberships (
            profile_id INTEGER NOT NULL,
            audience TEXT NOT NULL,
            is_member INTEGER NOT NULL,
            since INTEGER NOT NULL,
            occurred_at INTEGER NOT NULL,
            PRIMARY KEY (profile_id, audience)
        ) WITHOUT ROWID;
        CREATE TABLE identity_routes (
            destination TEXT NOT NULL PRIMARY KEY,
            identity_key TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE identity_proposals (
            event_id TEXT NOT NULL PRIMARY KEY,
            tenant_id TEXT NOT NULL,
            key_stays TEXT NOT NULL,
            key_gone TEXT NOT NULL,
            producer TEXT NOT NULL,
            occurred_at INTEGER NOT NULL,
            tried INTEGER NOT NULL DEFAULT 0,
            outcome TEXT NULL
        ) WITHOUT ROWID;
        CREATE INDEX ix_identity_proposals_open ON identity_proposals (tenant_id, tried, occurred_at, event_id) WHERE outcome IS NULL;
        ALTER TABLE identity_decisions ADD COLUMN before TEXT NULL;
        CREATE INDEX ix_profiles_person ON profiles (person_id) WHERE person_id IS NOT NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP INDEX ix_profiles_person;
        DROP TABLE identity_proposals;
        ALTER TABLE identity_decisions DROP COLUMN before;
        DROP TABLE identity_routes;
        DROP TABLE identity_memberships;
        DROP TABLE identity_waiting;
        """);
}
