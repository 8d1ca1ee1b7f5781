using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>
/// Keys, what was stated of them together, what was decided, and what was stated under one key of a person who has several (decision 0029). Where the keys of today's profiles
/// stand is found out when somebody states them again.
/// </summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261127120000_Identity")]
public sealed class Identity : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE identity_keys (
            tenant_id TEXT NOT NULL,
            person_key TEXT NOT NULL,
            state TEXT NULL,
            person TEXT NULL,
            profile_id INTEGER NULL,
            PRIMARY KEY (tenant_id, person_key)
        ) WITHOUT ROWID;
        CREATE TABLE identity_claims (
            tenant_id TEXT NOT NULL,
            key_a TEXT NOT NULL,
            key_b TEXT NOT NULL,
            first_day INTEGER NOT NULL,
            last_day INTEGER NOT NULL,
            PRIMARY KEY (tenant_id, key_a, key_b)
        );
        CREATE TABLE identity_decisions (
            decision_id INTEGER PRIMARY KEY AUTOINCREMENT,
            tenant_id TEXT NOT NULL,
            verdict TEXT NOT NULL,
            key_a TEXT NOT NULL,
            key_b TEXT NOT NULL,
            decided_at INTEGER NOT NULL,
            decided_by TEXT NOT NULL,
            reason TEXT NOT NULL
        );
        CREATE TABLE identity_parts (
            tenant_id TEXT NOT NULL,
            part_key TEXT NOT NULL,
            person_key TEXT NOT NULL,
            profile_id INTEGER NULL,
            email TEXT NULL,
            phone TEXT NULL,
            attributes TEXT NOT NULL,
            attributes_at TEXT NOT NULL,
            occurred_at INTEGER NOT NULL,
            PRIMARY KEY (tenant_id, part_key)
        );
        CREATE TABLE identity_rules (rules TEXT NOT NULL);
        ALTER TABLE profiles ADD COLUMN person_id INTEGER NULL;
        INSERT INTO identity_claims (tenant_id, key_a, key_b, first_day, last_day)
        SELECT tenant_id, 'external_id:' || external_id, 'email:' || email_key, occurred_at / 864000000000 - 719162, occurred_at / 864000000000 - 719162
        FROM profiles WHERE external_id IS NOT NULL AND email_key IS NOT NULL AND external_id NOT GLOB '*[^!-~]*' AND email_key NOT GLOB '*[^!-~]*';
        INSERT INTO identity_keys (tenant_id, person_key, profile_id)
        SELECT tenant_id, 'email:' || email_key, min(CASE WHEN external_id IS NULL THEN profile_id END)
        FROM profiles WHERE email_key IS NOT NULL AND email_key NOT GLOB '*[^!-~]*' GROUP BY tenant_id, email_key;
        CREATE INDEX ix_identity_claims_b ON identity_claims (tenant_id, key_b, key_a);
        CREATE INDEX ix_identity_decisions_a ON identity_decisions (tenant_id, key_a);
        CREATE INDEX ix_identity_decisions_b ON identity_decisions (tenant_id, key_b);
        CREATE INDEX ix_identity_parts_key ON identity_parts (tenant_id, person_key);
        CREATE INDEX ix_identity_parts_profile ON identity_parts (tenant_id, profile_id) WHERE profile_id IS NOT NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE profiles DROP COLUMN person_id;
        DROP TABLE identity_keys;
        DROP TABLE identity_claims;
        DROP TABLE identity_decisions;
        DROP TABLE identity_parts;
        DROP TABLE identity_rules;
        """);
}
