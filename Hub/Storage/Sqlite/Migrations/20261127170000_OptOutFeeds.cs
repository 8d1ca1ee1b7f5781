using IntegrationHub.Identity;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>How far vendors' feeds of opt-outs were read, and up to which grants vendors were told that rules have ended them.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261127170000_OptOutFeeds")]
public sealed class OptOutFeeds : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        $"""
        CREATE TABLE opt_out_feeds (
            destination TEXT NOT NULL,
            feed TEXT NOT NULL,
            cursor TEXT NULL,
            asked_at INTEGER NOT NULL,
            caught_up_at INTEGER NULL,
            opt_outs INTEGER NOT NULL,
            error TEXT NULL,
            failing_since INTEGER NULL,
            PRIMARY KEY (destination, feed));
        CREATE TABLE consent_ends (
            purpose TEXT NOT NULL,
            life TEXT NOT NULL,
            decided_at INTEGER NOT NULL,
            subject_key TEXT NOT NULL,
            PRIMARY KEY (purpose, life));
        CREATE INDEX ix_consents_granted ON consents (purpose, decided_at, subject_key) WHERE status = '{ConsentWord.Granted}';
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP INDEX ix_consents_granted; DROP TABLE consent_ends; DROP TABLE opt_out_feeds;");
}
