using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>Erasures, what destinations did about them, and the tombstones that keep people erased (decision 0038).</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261127230000_Erasures")]
public sealed class Erasures : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE erasures (
            correlation_id uuid NOT NULL PRIMARY KEY,
            current_state character varying(64) NOT NULL,
            law character varying(64) NOT NULL,
            reason text NOT NULL,
            subject_hash character varying(128) NOT NULL,
            requested_by character varying(128) NOT NULL,
            requested_at timestamptz NOT NULL,
            deadline timestamptz NOT NULL,
            approval_id uuid NULL,
            decided_by character varying(128) NULL,
            suppressed_at timestamptz NULL,
            destinations_at timestamptz NULL,
            erased_at timestamptz NULL,
            finished_at timestamptz NULL,
            alarmed_at timestamptz NULL,
            recheck integer NOT NULL,
            with_issues boolean NOT NULL,
            waiting_for text NULL,
            look_token_id uuid NULL,
            half_time_token_id uuid NULL
        );
        CREATE INDEX ix_erasures_requested_at ON erasures (requested_at);
        CREATE TABLE erasure_subjects (
            request_id uuid NOT NULL PRIMARY KEY,
            key_version text NOT NULL,
            sealed bytea NOT NULL
        );
        CREATE TABLE erasure_destinations (
            request_id uuid NOT NULL,
            destination text NOT NULL,
            action text NOT NULL,
            reason text NULL,
            found integer NOT NULL,
            attempts integer NOT NULL,
            requested_at timestamptz NOT NULL,
            read_back_at timestamptz NULL,
            method text NULL,
            result text NULL,
            PRIMARY KEY (request_id, destination)
        );
        CREATE TABLE erasure_rechecks (
            request_id uuid NOT NULL,
            destination text NOT NULL,
            round integer NOT NULL,
            at timestamptz NOT NULL,
            result text NOT NULL,
            PRIMARY KEY (request_id, destination, round)
        );
        CREATE TABLE erasure_counts (
            request_id uuid NOT NULL,
            what text NOT NULL,
            count bigint NOT NULL,
            PRIMARY KEY (request_id, what)
        );
        CREATE TABLE tombstones (
            key_hash text NOT NULL,
            kind text NOT NULL,
            key_version text NOT NULL,
            reason text NOT NULL,
            at timestamptz NOT NULL,
            until timestamptz NULL,
            request_id uuid NOT NULL,
            return_approved_at timestamptz NULL,
            PRIMARY KEY (key_hash, kind)
        );
        CREATE INDEX ix_tombstones_request ON tombstones (request_id);
        CREATE TABLE tombstone_keys (key_version text NOT NULL PRIMARY KEY);
        CREATE TABLE erased_facts (
            day timestamptz NOT NULL,
            event_type text NOT NULL,
            count bigint NOT NULL,
            PRIMARY KEY (day, event_type)
        );
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE erased_facts; DROP TABLE tombstone_keys; DROP TABLE tombstones; DROP TABLE erasure_counts; DROP TABLE erasure_rechecks; DROP TABLE erasure_destinations; DROP TABLE erasure_subjects; DROP TABLE erasures;");
}
