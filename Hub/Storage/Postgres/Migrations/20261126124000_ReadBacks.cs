using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>One result per run and round of reading back, and who was missing or unexpected; of a run, when it is read back again.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261126124000_ReadBacks")]
public sealed class ReadBacks : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE read_backs (
            run_id uuid NOT NULL,
            round integer NOT NULL,
            is_last boolean NOT NULL,
            expected bigint NOT NULL,
            found bigint NOT NULL,
            missing bigint NOT NULL,
            unexpected bigint NOT NULL,
            with_issues bigint NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (run_id, round)
        );
        CREATE TABLE read_back_findings (
            finding_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            run_id uuid NOT NULL,
            kind text NOT NULL,
            profile_id bigint NULL,
            remote_id text NULL,
            key text NULL
        );
        CREATE INDEX ix_read_back_findings_run ON read_back_findings (run_id, finding_id);
        ALTER TABLE audience_syncs ADD COLUMN read_back_at timestamptz NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP TABLE read_backs;
        DROP TABLE read_back_findings;
        ALTER TABLE audience_syncs DROP COLUMN read_back_at;
        """);
}
