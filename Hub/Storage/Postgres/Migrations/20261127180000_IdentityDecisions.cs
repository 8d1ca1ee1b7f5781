using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>By which keys facts wait that were set aside because nobody could be told by them, memberships of people who have several profiles, what destinations know people by, and merges that producers stated (decision 0033).</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261127180000_IdentityDecisions")]
public sealed class IdentityDecisions : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE identity_waiting (
            tenant_id text NOT NULL,
            person_key text NOT NULL,
            quarantine_id uuid NOT NULL,
            PRIMARY KEY (tenant_id, person_key, quarantine_id)
        );
        CREATE INDEX ix_identity_waiting_quarantine ON identity_waiting (quarantine_id);
        CREATE TABLE identity_memberships (
            profile_id bigint NOT NULL,
            audience text NOT NULL,
            is_member boolean NOT NULL,
            since timestamptz NOT NULL,
            occurred_at timestamptz NOT NULL,
            PRIMARY KEY (profile_id, audience)
        );
        CREATE TABLE identity_routes (
            destination text NOT NULL PRIMARY KEY,
            identity_key text NOT NULL
        );
        CREATE TABLE identity_proposals (
            event_id uuid NOT NULL PRIMARY KEY,
            tenant_id text NOT NULL,
            key_stays text NOT NULL,
            key_gone text NOT NULL,
            producer text NOT NULL,
            occurred_at timestamptz NOT NULL,
            tried integer NOT NULL DEFAULT 0,
            outcome text NULL
        );
        CREATE INDEX ix_identity_proposals_open ON identity_proposals (tenant_id, tried, occurred_at, event_id) WHERE outcome IS NULL;
        CREATE INDEX ix_identity_keys_contested ON identity_keys (tenant_id, person_key) WHERE state = 'contested';
        ALTER TABLE identity_decisions ADD COLUMN before text NULL;
        CREATE INDEX ix_profiles_person ON profiles (person_id) WHERE person_id IS NOT NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP INDEX ix_profiles_person;
        DROP INDEX ix_identity_keys_contested;
        DROP TABLE identity_proposals;
        ALTER TABLE identity_decisions DROP COLUMN before;
        DROP TABLE identity_routes;
        DROP TABLE identity_memberships;
        DROP TABLE identity_waiting;
        """);
}
