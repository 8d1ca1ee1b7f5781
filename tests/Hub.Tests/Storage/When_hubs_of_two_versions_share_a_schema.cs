using System.Text.RegularExpressions;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Postgres;
using IntegrationHub.Storage.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>
/// During an upgrade a hub of the version before works on the new schema. So a migration takes nothing away that is read, and asks for nothing that is not written: what is not needed any more leaves
/// one version later.
/// </summary>
public sealed partial class When_hubs_of_two_versions_share_a_schema
{
    /// <summary>The last migration that was made before this was promised.</summary>
    private const string Before = "20261129003000";

    /// <summary>Migrations that the version before cannot live with, each with what the guide of upgrades says of it.</summary>
    private static readonly Dictionary<string, string> _stops = [];

    [Test]
    public void Should_take_nothing_away_that_the_version_before_uses() => Assert.That(
        from type in typeof(HubDbContext).Assembly.GetTypes()
        where type is { IsAbstract: false } && type.IsSubclassOf(typeof(Migration))
        let id = type.GetCustomAttributes(typeof(MigrationAttribute), false).Cast<MigrationAttribute>().Single().Id
        where string.CompareOrdinal(id[..14], Before) > 0 && !_stops.ContainsKey(id)
        let provider = type.Namespace!.Contains("Postgres", StringComparison.Ordinal) ? "Npgsql.EntityFrameworkCore.PostgreSQL" : "Microsoft.EntityFrameworkCore.Sqlite"
        let migration = (Migration)Activator.CreateInstance(type)!
        from taken in Taken(UpOf(migration, provider))
        select $"{type.FullName}: {taken}",
        Is.Empty);

    [TestCase("DROP TABLE letters", ExpectedResult = 1)]
    [TestCase("ALTER TABLE letters DROP COLUMN code", ExpectedResult = 1)]
    [TestCase("ALTER TABLE letters RENAME COLUMN code TO reason", ExpectedResult = 1)]
    [TestCase("ALTER TABLE letters ADD COLUMN seen integer NOT NULL", ExpectedResult = 1)]
    [TestCase("ALTER TABLE letters ALTER COLUMN code SET NOT NULL", ExpectedResult = 1)]
    [TestCase("ALTER TABLE letters ADD COLUMN seen integer NOT NULL DEFAULT 0", ExpectedResult = 0)]
    [TestCase("ALTER TABLE letters ADD COLUMN seen integer NULL; CREATE TABLE marks (id integer NOT NULL); DROP INDEX ix_letters", ExpectedResult = 0)]
    public int Should_see_what_takes_something_away(string sql) => Taken([new SqlOperation { Sql = sql }]).Count();

    [Test]
    public void Should_see_it_in_operations_too() => Assert.That(
        Taken([new DropColumnOperation { Name = "code", Table = "letters" }, new AddColumnOperation { Name = "seen", Table = "letters", ClrType = typeof(int) }, new AddColumnOperation { Name = "note", Table = "letters", ClrType = typeof(string), IsNullable = true }]).Count(),
        Is.EqualTo(2));

    private static List<MigrationOperation> UpOf(Migration migration, string provider)
    {
        migration.ActiveProvider = provider;
        return [.. migration.UpOperations];
    }

    private static IEnumerable<string> Taken(IEnumerable<MigrationOperation> operations) => operations.SelectMany(operation => operation switch
    {
        SqlOperation sql => sql.Sql.Split(';').SelectMany(statement => TakesAway().Matches(statement).Select(match => match.Value.Trim())),
        DropTableOperation or DropColumnOperation or RenameTableOperation or RenameColumnOperation or AlterColumnOperation => [operation.GetType().Name],
        AddColumnOperation { IsNullable: false, DefaultValue: null, DefaultValueSql: null, ComputedColumnSql: null } column => [$"{column.Table}.{column.Name} has no default"],
        _ => Enumerable.Empty<string>(),
    });

    [GeneratedRegex(@"\bDROP\s+TABLE\b[^;]*|\bDROP\s+COLUMN\b[^;]*|\bRENAME\b[^;]*|\bSET\s+NOT\s+NULL\b|\bALTER\s+COLUMN\s+\w+\s+(?:SET\s+DATA\s+)?TYPE\b|\bADD\s+COLUMN\b(?=[^,;]*\bNOT\s+NULL\b)(?![^,;]*\b(?:DEFAULT|GENERATED)\b)[^,;]*", RegexOptions.IgnoreCase)]
    private static partial Regex TakesAway();
}
