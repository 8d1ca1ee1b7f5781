using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>Comparisons with what vendors hold, who differed in them, and the calls of the day that reading took (decision 0041).</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261128020000_Reconciliations")]
public sealed class Reconciliations : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE reconciliations (
            run_id uuid PRIMARY KEY,
            audience text NOT NULL,
            destination text NOT NULL,
            heal text NOT NULL,
            whole_fields boolean NOT NULL,
            sample integer NOT NULL,
            requested_by text NOT NULL,
            requested_at timestamptz NOT NULL,
            stage text NOT NULL,
            cursor text NULL,
            after_id bigint NOT NULL,
            read_since timestamptz NULL,
            waiting_until timestamptz NULL,
            compared_at timestamptz NULL,
            calls bigint NOT NULL,
            listed bigint NOT NULL,
            expected bigint NOT NULL,
            found bigint NOT NULL,
            missing bigint NOT NULL,
            unexpected bigint NOT NULL,
            different bigint NOT NULL,
            duplicates bigint NOT NULL,
            checked bigint NOT NULL
        );
        CREATE INDEX ix_reconciliations_pair ON reconciliations (audience, destination, requested_at);
        CREATE INDEX ix_reconciliations_waiting ON reconciliations (waiting_until) WHERE waiting_until IS NOT NULL;
        CREATE TABLE reconciliation_findings (
            finding_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            run_id uuid NOT NULL,
            kind text NOT NULL,
            cause text NULL,
            profile_id bigint NULL,
            remote_id text NULL,
            key text NULL,
            field text NULL
        );
        CREATE INDEX ix_reconciliation_findings_run ON reconciliation_findings (run_id, kind, finding_id);
        CREATE INDEX ix_reconciliation_findings_profile ON reconciliation_findings (run_id, profile_id);
        CREATE TABLE read_back_days (
            destination text PRIMARY KEY,
            day timestamptz NOT NULL,
            calls bigint NOT NULL
        );
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE reconciliations; DROP TABLE reconciliation_findings; DROP TABLE read_back_days;");
}
