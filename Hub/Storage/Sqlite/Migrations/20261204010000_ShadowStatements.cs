using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>What shadows of sources state, beside what counts (decision 0099).</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261204010000_ShadowStatements")]
public sealed class ShadowStatements : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE shadow_statements (
            statement_id INTEGER PRIMARY KEY AUTOINCREMENT,
            source TEXT NOT NULL,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            subject_key TEXT NOT NULL,
            value TEXT NOT NULL,
            stated_at INTEGER NOT NULL,
            list_id TEXT NULL
        );
        CREATE UNIQUE INDEX ux_shadow_statements_name ON shadow_statements (source, kind, name, subject_key);
        CREATE INDEX ix_shadow_statements_subject ON shadow_statements (subject_key, source);
        CREATE INDEX ix_shadow_statements_key ON shadow_statements (replace(lower(value), '"', '')) WHERE kind = 'key';
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE shadow_statements;");
}
