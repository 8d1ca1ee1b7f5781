using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Every filter of a list that can grow long has an index (decision 0070).</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261130004000_ListIndexes")]
public sealed class ListIndexes : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE INDEX ix_audience_syncs_state ON audience_syncs (current_state, requested_at, correlation_id);
        CREATE INDEX ix_dead_letters_code ON dead_letters (code, dead_letter_id);
        CREATE INDEX ix_dead_letters_status ON dead_letters (status, dead_letter_id);
        CREATE INDEX ix_dead_letters_operation ON dead_letters (operation, dead_letter_id);
        CREATE INDEX ix_dead_letters_action ON dead_letters (action_id, dead_letter_id) WHERE action_id IS NOT NULL;
        CREATE INDEX ix_read_back_findings_kind ON read_back_findings (run_id, kind, finding_id);
        CREATE INDEX ix_snapshot_rejects_code ON snapshot_rejects (snapshot_id, code, line);
        CREATE INDEX ix_audit_action ON audit (action, seq);
        CREATE INDEX ix_quarantined_facts_code ON quarantined_facts (code, received_at, quarantine_id);
        CREATE INDEX ix_quarantined_facts_producer ON quarantined_facts (producer, received_at, quarantine_id);
        CREATE INDEX ix_quarantined_facts_type ON quarantined_facts (event_type, received_at, quarantine_id);
        CREATE INDEX ix_quarantined_facts_state ON quarantined_facts (coalesce(outcome, 'waiting'), received_at, quarantine_id);
        CREATE INDEX ix_reconciliations_requested ON reconciliations (requested_at, run_id);
        CREATE INDEX ix_reconciliations_destination ON reconciliations (destination, requested_at, run_id);
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP INDEX ix_audience_syncs_state;
        DROP INDEX ix_dead_letters_code;
        DROP INDEX ix_dead_letters_status;
        DROP INDEX ix_dead_letters_operation;
        DROP INDEX ix_dead_letters_action;
        DROP INDEX ix_read_back_findings_kind;
        DROP INDEX ix_snapshot_rejects_code;
        DROP INDEX ix_audit_action;
        DROP INDEX ix_quarantined_facts_code;
        DROP INDEX ix_quarantined_facts_producer;
        DROP INDEX ix_quarantined_facts_type;
        DROP INDEX ix_quarantined_facts_state;
        DROP INDEX ix_reconciliations_requested;
        DROP INDEX ix_reconciliations_destination;
        """);
}
