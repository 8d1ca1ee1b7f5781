using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>The tables of the data's path: written by the dialect operations, unknown to EF Core's model. Instants are UTC ticks, ids upper-case text as EF Core binds them.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261121080000_DataPath")]
public sealed class DataPath : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Ledger);
        migrationBuilder.Sql(Snapshots);
        migrationBuilder.Sql(Destinations);
        migrationBuilder.Sql(Plans);
        migrationBuilder.Sql(Queue);
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP TABLE facts;
        DROP TABLE profiles;
        DROP TABLE consents;
        DROP TABLE consent_history;
        DROP TABLE memberships;
        DROP TABLE audiences;
        DROP TABLE audience_routes;
        DROP TABLE audience_changes;
        DROP TABLE snapshots;
        DROP TABLE snapshot_rejects;
        DROP TABLE snapshot_rows;
        DROP TABLE snapshot_members;
        DROP TABLE destination_profiles;
        DROP TABLE destination_members;
        DROP TABLE destination_audiences;
        DROP TABLE destination_conditions;
        DROP TABLE run_plans;
        DROP TABLE run_scope;
        DROP TABLE run_reservations;
        DROP TABLE deliveries;
        DROP TABLE outcomes;
        DROP TABLE run_tallies;
        DROP TABLE dead_letters;
        DROP TABLE leases;
        DROP TABLE verification_members;
        """);

    private const string Ledger =
        """
        CREATE TABLE facts (
            event_id TEXT PRIMARY KEY,
            tenant_id TEXT NOT NULL,
            event_type TEXT NOT NULL,
            schema_version INTEGER NOT NULL,
            occurred_at INTEGER NOT NULL,
            received_at INTEGER NOT NULL,
            producer TEXT NOT NULL,
            correlation_id TEXT NULL,
            profile_id INTEGER NULL,
            body TEXT NOT NULL
        );

        CREATE TABLE profiles (
            profile_id INTEGER PRIMARY KEY AUTOINCREMENT,
            tenant_id TEXT NOT NULL,
            external_id TEXT NULL,
            email TEXT NULL,
            email_key TEXT NULL,
            phone TEXT NULL,
            attributes TEXT NOT NULL,
            attributes_at TEXT NOT NULL,
            consent TEXT NOT NULL,
            occurred_at INTEGER NOT NULL,
            version INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX ux_profiles_external_id ON profiles (tenant_id, external_id) WHERE external_id IS NOT NULL;
        CREATE INDEX ix_profiles_email_key ON profiles (tenant_id, email_key) WHERE email_key IS NOT NULL;

        CREATE TABLE consents (
            tenant_id TEXT NOT NULL,
            subject_key TEXT NOT NULL,
            purpose TEXT NOT NULL,
            status TEXT NOT NULL,
            source TEXT NOT NULL,
            decided_at INTEGER NOT NULL,
            PRIMARY KEY (tenant_id, subject_key, purpose)
        ) WITHOUT ROWID;
        CREATE TABLE consent_history (
            history_id INTEGER PRIMARY KEY AUTOINCREMENT,
            event_id TEXT NOT NULL,
            tenant_id TEXT NOT NULL,
            subject_key TEXT NOT NULL,
            purpose TEXT NOT NULL,
            status TEXT NOT NULL,
            source TEXT NOT NULL,
            decided_at INTEGER NOT NULL,
            recorded_at INTEGER NOT NULL
        );
        CREATE INDEX ix_consent_history_subject ON consent_history (tenant_id, subject_key, purpose);

        CREATE TABLE memberships (
            audience TEXT NOT NULL,
            profile_id INTEGER NOT NULL,
            is_member INTEGER NOT NULL,
            since INTEGER NOT NULL,
            occurred_at INTEGER NOT NULL,
            PRIMARY KEY (audience, profile_id)
        ) WITHOUT ROWID;
        CREATE INDEX ix_memberships_profile ON memberships (profile_id) WHERE is_member;

        CREATE TABLE audiences (
            audience TEXT PRIMARY KEY,
            asserted_at INTEGER NOT NULL
        );
        CREATE TABLE audience_routes (
            audience TEXT NOT NULL,
            destination TEXT NOT NULL,
            PRIMARY KEY (audience, destination)
        ) WITHOUT ROWID;
        CREATE TABLE audience_changes (
            destination TEXT NOT NULL,
            audience TEXT NOT NULL,
            profile_id INTEGER NOT NULL,
            PRIMARY KEY (destination, audience, profile_id)
        ) WITHOUT ROWID;
        """;

    private const string Snapshots =
        """
        CREATE TABLE snapshots (
            snapshot_id TEXT PRIMARY KEY,
            audience TEXT NOT NULL,
            kind TEXT NOT NULL,
            file_name TEXT NULL,
            state TEXT NOT NULL,
            rows INTEGER NOT NULL DEFAULT 0,
            accepted INTEGER NOT NULL DEFAULT 0,
            rejected INTEGER NOT NULL DEFAULT 0,
            duplicates INTEGER NOT NULL DEFAULT 0,
            created_at INTEGER NOT NULL,
            loaded_at INTEGER NULL,
            applied_at INTEGER NULL,
            failure_code TEXT NULL,
            applied_line INTEGER NOT NULL DEFAULT -1
        );
        CREATE TABLE snapshot_rejects (
            snapshot_id TEXT NOT NULL,
            line INTEGER NOT NULL,
            field TEXT NOT NULL,
            code TEXT NOT NULL,
            problem TEXT NOT NULL
        );
        CREATE INDEX ix_snapshot_rejects_line ON snapshot_rejects (snapshot_id, line);
        CREATE TABLE snapshot_rows (
            snapshot_id TEXT NOT NULL,
            line INTEGER NOT NULL,
            external_id TEXT NOT NULL,
            email TEXT NULL,
            phone TEXT NULL,
            attributes TEXT NOT NULL,
            is_member INTEGER NOT NULL,
            PRIMARY KEY (snapshot_id, line)
        ) WITHOUT ROWID;
        CREATE TABLE snapshot_members (
            snapshot_id TEXT NOT NULL,
            profile_id INTEGER NOT NULL,
            is_member INTEGER NOT NULL,
            PRIMARY KEY (snapshot_id, profile_id)
        ) WITHOUT ROWID;
        """;

    private const string Destinations =
        """
        CREATE TABLE destination_profiles (
            destination TEXT NOT NULL,
            profile_id INTEGER NOT NULL,
            remote_id TEXT NULL,
            content_hash TEXT NULL,
            profile_version INTEGER NULL,
            plan_version TEXT NULL,
            confirmed_at INTEGER NULL,
            run_id TEXT NULL,
            PRIMARY KEY (destination, profile_id)
        ) WITHOUT ROWID;
        CREATE INDEX ix_destination_profiles_remote_id ON destination_profiles (destination, remote_id) WHERE remote_id IS NOT NULL;

        CREATE TABLE destination_members (
            destination TEXT NOT NULL,
            audience TEXT NOT NULL,
            profile_id INTEGER NOT NULL,
            is_member INTEGER NOT NULL,
            added_by_hub INTEGER NOT NULL,
            confirmed_at INTEGER NOT NULL,
            run_id TEXT NULL,
            PRIMARY KEY (destination, audience, profile_id)
        ) WITHOUT ROWID;

        CREATE TABLE destination_audiences (
            destination TEXT NOT NULL,
            audience TEXT NOT NULL,
            remote_ref TEXT NOT NULL,
            resolved_at INTEGER NOT NULL,
            PRIMARY KEY (destination, audience)
        ) WITHOUT ROWID;
        CREATE TABLE destination_conditions (
            destination TEXT PRIMARY KEY,
            trouble TEXT NOT NULL,
            code TEXT NOT NULL,
            until INTEGER NOT NULL,
            since INTEGER NOT NULL,
            failures INTEGER NOT NULL
        );
        CREATE TABLE verification_members (
            run_id TEXT NOT NULL,
            round INTEGER NOT NULL,
            remote_id TEXT NULL,
            key TEXT NULL
        );
        CREATE INDEX ix_verification_members_remote_id ON verification_members (run_id, round, remote_id);
        CREATE INDEX ix_verification_members_key ON verification_members (run_id, round, key);
        """;

    private const string Plans =
        """
        CREATE TABLE run_plans (
            run_id TEXT PRIMARY KEY,
            destination TEXT NOT NULL,
            audience TEXT NOT NULL,
            mode TEXT NOT NULL,
            cursor INTEGER NOT NULL DEFAULT 0,
            completed INTEGER NOT NULL DEFAULT 0,
            canceled INTEGER NOT NULL DEFAULT 0,
            planned INTEGER NULL,
            to_add INTEGER NULL,
            to_remove INTEGER NULL,
            to_update INTEGER NULL,
            current_members INTEGER NULL
        );
        CREATE INDEX ix_run_plans_open ON run_plans (destination, audience) WHERE NOT completed OR canceled;
        CREATE TABLE run_scope (
            run_id TEXT NOT NULL,
            profile_id INTEGER NOT NULL,
            PRIMARY KEY (run_id, profile_id)
        ) WITHOUT ROWID;
        CREATE TABLE run_reservations (
            audience TEXT NOT NULL,
            destination TEXT NOT NULL,
            run_id TEXT NOT NULL,
            reserved_at INTEGER NOT NULL,
            PRIMARY KEY (audience, destination)
        ) WITHOUT ROWID;
        """;

    private const string Queue =
        """
        CREATE TABLE deliveries (
            delivery_id INTEGER PRIMARY KEY AUTOINCREMENT,
            run_id TEXT NOT NULL,
            destination TEXT NOT NULL,
            lane TEXT NOT NULL,
            partition INTEGER NOT NULL,
            operation INTEGER NOT NULL,
            profile_id INTEGER NOT NULL,
            audience TEXT NOT NULL,
            due_at INTEGER NOT NULL,
            attempt INTEGER NOT NULL DEFAULT 0,
            last_code TEXT NULL,
            created_at INTEGER NOT NULL
        );
        CREATE INDEX ix_deliveries_run ON deliveries (run_id, partition, delivery_id);

        CREATE TABLE outcomes (
            run_id TEXT NOT NULL,
            profile_id INTEGER NOT NULL,
            destination TEXT NOT NULL,
            audience TEXT NOT NULL,
            operation INTEGER NULL,
            outcome TEXT NOT NULL,
            code TEXT NULL,
            attempts INTEGER NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (run_id, profile_id)
        ) WITHOUT ROWID;
        CREATE TABLE run_tallies (
            run_id TEXT NOT NULL,
            outcome TEXT NOT NULL,
            code TEXT NOT NULL,
            count INTEGER NOT NULL
        );
        CREATE INDEX ix_run_tallies_run ON run_tallies (run_id);

        CREATE TABLE dead_letters (
            dead_letter_id INTEGER PRIMARY KEY AUTOINCREMENT,
            run_id TEXT NOT NULL,
            destination TEXT NOT NULL,
            audience TEXT NOT NULL,
            profile_id INTEGER NOT NULL,
            operation INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            code TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            at INTEGER NOT NULL
        );
        CREATE INDEX ix_dead_letters_destination ON dead_letters (destination, dead_letter_id);
        CREATE INDEX ix_dead_letters_run ON dead_letters (run_id, dead_letter_id);

        CREATE TABLE leases (
            destination TEXT NOT NULL,
            lane TEXT NOT NULL,
            partition INTEGER NOT NULL,
            owner TEXT NOT NULL,
            epoch INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            PRIMARY KEY (destination, lane, partition)
        ) WITHOUT ROWID;
        """;
}
