using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Whom an identity provider vouches for at the console, and what it said of them (decision 0072).</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261130005000_SignedInPeople")]
public sealed class SignedInPeople : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE console_sessions ADD COLUMN issuer TEXT NULL;
        ALTER TABLE console_sessions ADD COLUMN principal_id TEXT NULL;
        ALTER TABLE console_sessions ADD COLUMN name TEXT NULL;
        ALTER TABLE console_sessions ADD COLUMN provider_groups TEXT NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DELETE FROM console_sessions WHERE issuer IS NOT NULL;
        ALTER TABLE console_sessions DROP COLUMN provider_groups;
        ALTER TABLE console_sessions DROP COLUMN name;
        ALTER TABLE console_sessions DROP COLUMN principal_id;
        ALTER TABLE console_sessions DROP COLUMN issuer;
        """);
}
