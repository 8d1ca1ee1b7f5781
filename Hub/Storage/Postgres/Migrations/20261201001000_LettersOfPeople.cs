using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>Dead letters are found by the person whom they are about.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261201001000_LettersOfPeople")]
public sealed class LettersOfPeople : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("CREATE INDEX ix_dead_letters_profile ON dead_letters (profile_id, dead_letter_id);");

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP INDEX ix_dead_letters_profile;");
}
