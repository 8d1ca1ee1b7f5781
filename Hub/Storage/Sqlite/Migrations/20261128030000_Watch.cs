using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Which hubs are alive, what went where minute by minute, and the alerts that are made of it (decision 0042).</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261128030000_Watch")]
public sealed class Watch : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE instances (
            name TEXT PRIMARY KEY,
            started_at INTEGER NOT NULL,
            seen_at INTEGER NOT NULL,
            version TEXT NOT NULL,
            configuration TEXT NOT NULL,
            roles TEXT NOT NULL,
            trouble TEXT NULL
        );
        CREATE TABLE delivery_minutes (
            destination TEXT NOT NULL,
            lane TEXT NOT NULL,
            minute INTEGER NOT NULL,
            partition INTEGER NOT NULL,
            delivered INTEGER NOT NULL,
            unchanged INTEGER NOT NULL,
            suppressed INTEGER NOT NULL,
            rejected INTEGER NOT NULL,
            dead_lettered INTEGER NOT NULL,
            retried INTEGER NOT NULL,
            lag_1 INTEGER NOT NULL,
            lag_5 INTEGER NOT NULL,
            lag_15 INTEGER NOT NULL,
            lag_60 INTEGER NOT NULL,
            lag_300 INTEGER NOT NULL,
            lag_900 INTEGER NOT NULL,
            lag_3600 INTEGER NOT NULL,
            lag_14400 INTEGER NOT NULL,
            lag_86400 INTEGER NOT NULL,
            lag_more INTEGER NOT NULL,
            PRIMARY KEY (destination, minute, lane, partition)
        );
        CREATE INDEX ix_delivery_minutes_minute ON delivery_minutes (minute);
        CREATE TABLE destination_checks (
            destination TEXT PRIMARY KEY,
            at INTEGER NOT NULL,
            is_ok INTEGER NOT NULL,
            findings TEXT NOT NULL
        );
        CREATE TABLE watch_turns (
            duty TEXT PRIMARY KEY,
            taken_at INTEGER NOT NULL
        );
        CREATE TABLE alerts (
            alert_id INTEGER PRIMARY KEY AUTOINCREMENT,
            cause TEXT NOT NULL,
            severity TEXT NOT NULL,
            destination TEXT NULL,
            lane TEXT NULL,
            code TEXT NOT NULL,
            sentence TEXT NOT NULL,
            action TEXT NULL,
            runbook TEXT NOT NULL,
            records INTEGER NOT NULL,
            since INTEGER NOT NULL,
            opened_at INTEGER NOT NULL,
            seen_at INTEGER NOT NULL,
            resolved_at INTEGER NULL,
            told TEXT NOT NULL DEFAULT ''
        );
        CREATE UNIQUE INDEX ux_alerts_open ON alerts (cause) WHERE resolved_at IS NULL;
        CREATE INDEX ix_alerts_resolved_at ON alerts (resolved_at);
        CREATE TABLE alert_silences (
            cause TEXT PRIMARY KEY,
            until INTEGER NOT NULL,
            reason TEXT NOT NULL,
            silenced_by TEXT NOT NULL,
            at INTEGER NOT NULL
        );
        CREATE TABLE alert_sends (
            send_id INTEGER PRIMARY KEY AUTOINCREMENT,
            alert_id INTEGER NOT NULL,
            route TEXT NOT NULL,
            event TEXT NOT NULL,
            body TEXT NOT NULL,
            at INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            sent_at INTEGER NULL,
            given_up_at INTEGER NULL,
            error TEXT NULL
        );
        CREATE INDEX ix_alert_sends_due ON alert_sends (due_at) WHERE sent_at IS NULL AND given_up_at IS NULL;
        CREATE INDEX ix_alert_sends_at ON alert_sends (at);
        CREATE INDEX ix_alert_sends_alert ON alert_sends (alert_id);
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        "DROP TABLE alert_sends; DROP TABLE alert_silences; DROP TABLE alerts; DROP TABLE watch_turns; DROP TABLE destination_checks; DROP TABLE delivery_minutes; DROP TABLE instances;");
}
