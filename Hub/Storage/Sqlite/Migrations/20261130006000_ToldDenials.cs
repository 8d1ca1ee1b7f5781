using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>When destinations were told of people who may not be sent.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261130006000_ToldDenials")]
public sealed class ToldDenials : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE told_denials (
            destination TEXT NOT NULL,
            name TEXT NOT NULL,
            topic TEXT NOT NULL,
            began_at INTEGER NOT NULL,
            ended_at INTEGER NOT NULL,
            PRIMARY KEY (destination, name, topic, ended_at)
        );
        CREATE INDEX ix_told_denials_age ON told_denials (ended_at);
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE told_denials;");
}
