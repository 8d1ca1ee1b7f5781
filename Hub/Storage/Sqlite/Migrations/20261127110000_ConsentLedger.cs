using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>What a decision of consent rests on, when a grant ends, and where in the log it was stated.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261127110000_ConsentLedger")]
public sealed class ConsentLedger : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE consents ADD COLUMN expires_at INTEGER NULL;
        ALTER TABLE consents ADD COLUMN has_evidence INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX ix_consents_expiry ON consents (status, expires_at) WHERE expires_at IS NOT NULL;
        ALTER TABLE consent_history ADD COLUMN position INTEGER NULL;
        UPDATE consent_history SET position = i.position FROM fact_ids i WHERE i.event_id = consent_history.event_id;
        CREATE INDEX ix_consent_history_position ON consent_history (position);
        ALTER TABLE consent_history ADD COLUMN channel TEXT NULL;
        ALTER TABLE consent_history ADD COLUMN legal_basis TEXT NULL;
        ALTER TABLE consent_history ADD COLUMN expires_at INTEGER NULL;
        ALTER TABLE consent_history ADD COLUMN evidence TEXT NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP INDEX ix_consents_expiry;
        ALTER TABLE consents DROP COLUMN expires_at;
        ALTER TABLE consents DROP COLUMN has_evidence;
        DROP INDEX ix_consent_history_position;
        ALTER TABLE consent_history DROP COLUMN position;
        ALTER TABLE consent_history DROP COLUMN channel;
        ALTER TABLE consent_history DROP COLUMN legal_basis;
        ALTER TABLE consent_history DROP COLUMN expires_at;
        ALTER TABLE consent_history DROP COLUMN evidence;
        """);
}
