using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>Calls of webhooks as they came, kept before they are answered.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261127130000_WebhookReceipts")]
public sealed class WebhookReceipts : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE webhook_receipts (
            receipt_id uuid PRIMARY KEY,
            source text NOT NULL,
            idempotency_key text NOT NULL,
            received_at timestamptz NOT NULL,
            state text NOT NULL,
            headers text NOT NULL,
            size bigint NOT NULL,
            body bytea NULL,
            done_at timestamptz NULL);
        CREATE INDEX ix_webhook_receipts_waiting ON webhook_receipts (received_at, receipt_id) WHERE state = 'waiting';
        CREATE INDEX ix_webhook_receipts_received ON webhook_receipts (received_at);
        CREATE INDEX ix_webhook_receipts_bodies ON webhook_receipts (received_at) WHERE body IS NOT NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE webhook_receipts;");
}
