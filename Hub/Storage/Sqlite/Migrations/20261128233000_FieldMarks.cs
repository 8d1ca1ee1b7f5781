using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Whose fields were read back and were the same, and until when a vendor told who was changed: so much need not be read again.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261128233000_FieldMarks")]
public sealed class FieldMarks : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE destination_profiles ADD COLUMN read_hash TEXT NULL;
        ALTER TABLE destination_profiles ADD COLUMN read_as TEXT NULL;
        CREATE TABLE field_marks (destination TEXT PRIMARY KEY, told_until INTEGER NOT NULL);
        ALTER TABLE reconciliations ADD COLUMN fields_since INTEGER NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE reconciliations DROP COLUMN fields_since;
        DROP TABLE field_marks;
        ALTER TABLE destination_profiles DROP COLUMN read_as;
        ALTER TABLE destination_profiles DROP COLUMN read_hash;
        """);
}
