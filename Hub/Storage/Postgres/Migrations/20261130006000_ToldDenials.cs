using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>When destinations were told of people who may not be sent.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261130006000_ToldDenials")]
public sealed class ToldDenials : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE told_denials (
            destination text NOT NULL,
            name text NOT NULL,
            topic text NOT NULL,
            began_at timestamptz NOT NULL,
            ended_at timestamptz NOT NULL,
            PRIMARY KEY (destination, name, topic, ended_at)
        );
        CREATE INDEX ix_told_denials_age ON told_denials (ended_at);
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE told_denials;");
}
