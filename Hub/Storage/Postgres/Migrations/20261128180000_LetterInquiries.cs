using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>When the call of a letter was made and when the vendor was asked about it, and what keeps an action on letters from going on (decision 0048).</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261128180000_LetterInquiries")]
public sealed class LetterInquiries : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE dead_letters ADD COLUMN sent_at timestamptz NULL;
        ALTER TABLE dead_letters ADD COLUMN asked_at timestamptz NULL;
        CREATE INDEX ix_dead_letters_unasked ON dead_letters (destination, at) WHERE code = 'ambiguous' AND asked_at IS NULL;
        ALTER TABLE letter_actions ADD COLUMN failing_since timestamptz NULL;
        ALTER TABLE letter_actions ADD COLUMN waiting_for text NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE letter_actions DROP COLUMN failing_since;
        ALTER TABLE letter_actions DROP COLUMN waiting_for;
        DROP INDEX ix_dead_letters_unasked;
        ALTER TABLE dead_letters DROP COLUMN sent_at;
        ALTER TABLE dead_letters DROP COLUMN asked_at;
        """);
}
