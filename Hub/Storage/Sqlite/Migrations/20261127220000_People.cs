using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Who may do what, what waits for whose word, and what was done (decision 0037).</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261127220000_People")]
public sealed class People : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE principals (
            principal_id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            roles TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            disabled_at INTEGER NULL
        );
        CREATE TABLE api_keys (
            key_id TEXT PRIMARY KEY,
            principal_id TEXT NOT NULL REFERENCES principals (principal_id),
            hash BLOB NOT NULL,
            scopes TEXT NOT NULL,
            note TEXT NULL,
            created_at INTEGER NOT NULL,
            created_by TEXT NOT NULL,
            expires_at INTEGER NULL,
            last_used_at INTEGER NULL,
            revoked_at INTEGER NULL,
            revoked_by TEXT NULL
        );
        CREATE INDEX ix_api_keys_principal ON api_keys (principal_id);
        CREATE TABLE approvals (
            approval_id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            subject TEXT NOT NULL,
            plan_hash TEXT NOT NULL,
            summary TEXT NOT NULL,
            requested_by TEXT NOT NULL,
            requested_at INTEGER NOT NULL,
            expires_at INTEGER NULL,
            needed INTEGER NOT NULL,
            four_eyes INTEGER NOT NULL,
            decisions TEXT NOT NULL,
            state TEXT NOT NULL,
            ended_at INTEGER NULL
        );
        CREATE UNIQUE INDEX ix_approvals_waiting ON approvals (kind, subject) WHERE state = 'waiting';
        CREATE INDEX ix_approvals_requested ON approvals (requested_at, approval_id);
        CREATE TABLE audit (
            seq INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            principal TEXT NOT NULL,
            via TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            reason TEXT NULL,
            before_hash TEXT NULL,
            after_hash TEXT NULL,
            prev_hash TEXT NOT NULL,
            hash TEXT NOT NULL
        );
        CREATE INDEX ix_audit_subject ON audit (subject, seq);
        CREATE INDEX ix_audit_principal ON audit (principal, seq);
        CREATE TABLE audit_head (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, hash TEXT NOT NULL);
        INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');
        CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'The audit log is only ever added to.'); END;
        CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'The audit log is only ever added to.'); END;
        CREATE TABLE idempotency_keys (
            principal TEXT NOT NULL,
            key TEXT NOT NULL,
            request_hash TEXT NOT NULL,
            at INTEGER NOT NULL,
            status INTEGER NULL,
            content_type TEXT NULL,
            answer BLOB NULL,
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
        DROP TABLE approvals;
        DROP TABLE api_keys;
        DROP TABLE principals;
        """);
}
