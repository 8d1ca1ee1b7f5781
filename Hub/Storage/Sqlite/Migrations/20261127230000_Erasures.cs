using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Erasures, what destinations did about them, and the tombstones that keep people erased (decision 0038).</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261127230000_Erasures")]
public sealed class Erasures : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE erasures (
            correlation_id TEXT NOT NULL PRIMARY KEY,
            current_state TEXT NOT NULL,
            law TEXT NOT NULL,
            reason TEXT NOT NULL,
            subject_hash TEXT NOT NULL,
            requested_by TEXT NOT NULL,
            requested_at INTEGER NOT NULL,
            deadline INTEGER NOT NULL,
            approval_id TEXT NULL,
            decided_by TEXT NULL,
            suppressed_at INTEGER NULL,
            destinations_at INTEGER NULL,
            erased_at INTEGER NULL,
            finished_at INTEGER NULL,
            alarmed_at INTEGER NULL,
            recheck INTEGER NOT NULL,
            with_issues INTEGER NOT NULL,
            waiting_for TEXT NULL,
            look_token_id TEXT NULL,
            half_time_token_id TEXT NULL
        );
        CREATE INDEX ix_erasures_requested_at ON erasures (requested_at);
        CREATE TABLE erasure_subjects (
            request_id TEXT NOT NULL PRIMARY KEY,
            key_version TEXT NOT NULL,
            sealed BLOB NOT NULL
        );
        CREATE TABLE erasure_destinations (
            request_id TEXT NOT NULL,
            destination TEXT NOT NULL,
            action TEXT NOT NULL,
            reason TEXT NULL,
            found INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            requested_at INTEGER NOT NULL,
            read_back_at INTEGER NULL,
            method TEXT NULL,
            result TEXT NULL,
            PRIMARY KEY (request_id, destination)
        );
        CREATE TABLE erasure_rechecks (
            request_id TEXT NOT NULL,
            destination TEXT NOT NULL,
            round INTEGER NOT NULL,
            at INTEGER NOT NULL,
            result TEXT NOT NULL,
            PRIMARY KEY (request_id, destination, round)
        );
        CREATE TABLE erasure_counts (
            request_id TEXT NOT NULL,
            what TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (request_id, what)
        );
        CREATE TABLE tombstones (
            key_hash TEXT NOT NULL,
            kind TEXT NOT NULL,
            key_version TEXT NOT NULL,
            reason TEXT NOT NULL,
            at INTEGER NOT NULL,
            until INTEGER NULL,
            request_id TEXT NOT NULL,
            return_approved_at INTEGER NULL,
            PRIMARY KEY (key_hash, kind)
        );
        CREATE INDEX ix_tombstones_request ON tombstones (request_id);
        CREATE TABLE tombstone_keys (key_version TEXT NOT NULL PRIMARY KEY);
        CREATE TABLE erased_facts (
            day INTEGER NOT NULL,
            event_type TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (day, event_type)
        );
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE erased_facts; DROP TABLE tombstone_keys; DROP TABLE tombstones; DROP TABLE erasure_counts; DROP TABLE erasure_rechecks; DROP TABLE erasure_destinations; DROP TABLE erasure_subjects; DROP TABLE erasures;");
}
