using IntegrationHub.Identity;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>How far vendors' feeds of opt-outs were read, and up to which grants vendors were told that rules have ended them.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261127170000_OptOutFeeds")]
public sealed class OptOutFeeds : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        $"""
        CREATE TABLE opt_out_feeds (
            destination text NOT NULL,
            feed text NOT NULL,
            cursor text NULL,
            asked_at timestamptz NOT NULL,
            caught_up_at timestamptz NULL,
            opt_outs bigint NOT NULL,
            error text NULL,
            failing_since timestamptz NULL,
            PRIMARY KEY (destination, feed));
        CREATE TABLE consent_ends (
            purpose text NOT NULL,
            life text NOT NULL,
            decided_at timestamptz NOT NULL,
            subject_key text NOT NULL,
            PRIMARY KEY (purpose, life));
        CREATE INDEX ix_consents_granted ON consents (purpose, decided_at, subject_key) WHERE status = '{ConsentWord.Granted}';
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP INDEX ix_consents_granted; DROP TABLE consent_ends; DROP TABLE opt_out_feeds;");
}
