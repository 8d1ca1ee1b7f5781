using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Calls of webhooks as they came, kept before they are answered.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261127130000_WebhookReceipts")]
public sealed class WebhookReceipts : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE webhook_receipts (
            receipt_id TEXT PRIMARY KEY,
            source TEXT NOT NULL,
            idempotency_key TEXT NOT NULL,
            received_at INTEGER NOT NULL,
            state TEXT NOT NULL,
            headers TEXT NOT NULL,
            size INTEGER NOT NULL,
            body BLOB NULL,
            done_at INTEGER NULL);
        CREATE INDEX ix_webhook_receipts_waiting ON webhook_receipts (received_at, receipt_id) WHERE state = 'waiting';
        CREATE INDEX ix_webhook_receipts_received ON webhook_receipts (received_at);
        CREATE INDEX ix_webhook_receipts_bodies ON webhook_receipts (received_at) WHERE body IS NOT NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE webhook_receipts;");
}
