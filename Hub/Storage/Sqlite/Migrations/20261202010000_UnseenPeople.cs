using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Since when somebody whom a destination had was not seen there: whom it deleted is not created again by the way (decision 0087).</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261202010000_UnseenPeople")]
public sealed class UnseenPeople : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("ALTER TABLE destination_profiles ADD COLUMN unseen_since INTEGER NULL;");

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("ALTER TABLE destination_profiles DROP COLUMN unseen_since;");
}
