using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>By which policy and up to which position each outcome was decided; and how many memberships the live lane began and ended by itself.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261128200000_Proofs")]
public sealed class Proofs : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE policy_versions (
            policy_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            version text NOT NULL UNIQUE,
            content text NOT NULL,
            first_seen timestamptz NOT NULL
        );
        ALTER TABLE outcomes ADD COLUMN policy_id integer NULL, ADD COLUMN decided_position bigint NULL;
        ALTER TABLE bulk_jobs ADD COLUMN policy_id integer NULL, ADD COLUMN decided_position bigint NULL;
        CREATE TABLE live_guards (
            destination text NOT NULL,
            audience text NOT NULL,
            operation smallint NOT NULL,
            began_at timestamptz NOT NULL,
            members bigint NOT NULL,
            passed bigint NOT NULL,
            held bigint NOT NULL,
            held_since timestamptz NULL,
            PRIMARY KEY (destination, audience, operation)
        );
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP TABLE live_guards;
        ALTER TABLE bulk_jobs DROP COLUMN policy_id, DROP COLUMN decided_position;
        ALTER TABLE outcomes DROP COLUMN policy_id, DROP COLUMN decided_position;
        DROP TABLE policy_versions;
        """);
}
