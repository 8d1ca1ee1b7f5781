using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>Who may do what, what waits for whose word, and what was done (decision 0037).</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261127220000_People")]
public sealed class People : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE principals (
            principal_id text PRIMARY KEY,
            kind text NOT NULL,
            name text NOT NULL,
            roles text NOT NULL,
            created_at timestamptz NOT NULL,
            disabled_at timestamptz NULL
        );
        CREATE TABLE api_keys (
            key_id text PRIMARY KEY,
            principal_id text NOT NULL REFERENCES principals (principal_id),
            hash bytea NOT NULL,
            scopes text NOT NULL,
            note text NULL,
            created_at timestamptz NOT NULL,
            created_by text NOT NULL,
            expires_at timestamptz NULL,
            last_used_at timestamptz NULL,
            revoked_at timestamptz NULL,
            revoked_by text NULL
        );
        CREATE INDEX ix_api_keys_principal ON api_keys (principal_id);
        CREATE TABLE approvals (
            approval_id uuid PRIMARY KEY,
            kind text NOT NULL,
            subject text NOT NULL,
            plan_hash text NOT NULL,
            summary text NOT NULL,
            requested_by text NOT NULL,
            requested_at timestamptz NOT NULL,
            expires_at timestamptz NULL,
            needed integer NOT NULL,
            four_eyes boolean NOT NULL,
            decisions text NOT NULL,
            state text NOT NULL,
            ended_at timestamptz NULL
        );
        CREATE UNIQUE INDEX ix_approvals_waiting ON approvals (kind, subject) WHERE state = 'waiting';
        CREATE INDEX ix_approvals_requested ON approvals (requested_at, approval_id);
        CREATE TABLE audit (
            seq bigint PRIMARY KEY,
            at timestamptz NOT NULL,
            principal text NOT NULL,
            via text NOT NULL,
            action text NOT NULL,
            subject text NOT NULL,
            reason text NULL,
            before_hash text NULL,
            after_hash text NULL,
            prev_hash text NOT NULL,
            hash text NOT NULL
        );
        CREATE INDEX ix_audit_subject ON audit (subject, seq);
        CREATE INDEX ix_audit_principal ON audit (principal, seq);
        CREATE TABLE audit_head (id integer PRIMARY KEY CHECK (id = 1), seq bigint NOT NULL, hash text NOT NULL);
        INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');
        CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $refuse$
        BEGIN
            RAISE EXCEPTION 'The audit log is only ever added to.';
        END $refuse$;
        CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
        CREATE TABLE idempotency_keys (
            principal text NOT NULL,
            key text NOT NULL,
            request_hash text NOT NULL,
            at timestamptz NOT NULL,
            status integer NULL,
            content_type text NULL,
            answer bytea NULL,
            PRIMARY KEY (principal, key)
        );
        CREATE INDEX ix_idempotency_keys_at ON idempotency_keys (at);
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP TABLE idempotency_keys;
        DROP TABLE audit_head;
        DROP TABLE audit;
        DROP FUNCTION refuse_audit_change();
        DROP TABLE approvals;
        DROP TABLE api_keys;
        DROP TABLE principals;
        """);
}
