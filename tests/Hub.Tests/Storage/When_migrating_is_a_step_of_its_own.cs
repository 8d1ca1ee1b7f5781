using System.Text.Json;
using IntegrationHub.Hub.Cli;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Postgres;
using IntegrationHub.Storage.Sqlite;
using IntegrationHub.TestServers;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>Where a step migrates, a hub of a new version does not start before it, and one of the version before works on after it.</summary>
[TestFixture(StorageDatabase.Sqlite)]
[TestFixture(StorageDatabase.Postgres)]
public sealed class When_migrating_is_a_step_of_its_own(StorageDatabase kind)
{
    private const string Later = "29990101000000_OfANewerVersion";
    private string _folder = null!;
    private PostgresDatabase? _postgres;
    private string[] _settings = null!;

    [SetUp]
    public async Task Create()
    {
        _folder = Directory.CreateTempSubdirectory("hub-migrate-").FullName;
        if (kind == StorageDatabase.Postgres)
        {
            _postgres = await MigratedDatabase.CreateAsync();
            _settings = ["--Hub:Database=Postgres", $"--Hub:ConnectionString={_postgres.ConnectionString}", "--Hub:MigrateAtStart=false", $"--Hub:DataPath={_folder}"];
        }
        else
        {
            await MigratedDatabase.CreateAsync(Path.Combine(_folder, "hub.db"));
            _settings = ["--Hub:MigrateAtStart=false", $"--Hub:DataPath={_folder}"];
        }
    }

    [TearDown]
    public async Task Drop()
    {
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task Should_not_serve_on_an_older_schema_and_say_which_step_is_missing()
    {
        var last = await GoBackAsync();
        using var patience = new CancellationTokenSource(Poll.Patience); // a hub that starts serves until it is told to stop
        var refused = (await Assert.ThrowsAsync<CommandLineException>(() => HubHost.ServeAsync([.. _settings, "--Hub:Urls=http://127.0.0.1:0", "--Hub:LogLevel=None"], patience.Token)))!;
        MassTransit.LogContext.Current = null;
        Assert.That(refused.ExitCode, Is.EqualTo(ExitCode.Failed));
        Assert.That(refused.Message, Does.Contain(last).And.Contain("'migrate'").And.Contain("Hub:MigrateAtStart=true"));
        Assert.That(await LackingAsync(), Is.EqualTo(new[] { last }), "nothing was migrated");
    }

    [Test]
    public async Task Should_apply_what_is_lacking_and_tell_it()
    {
        var last = await GoBackAsync();
        Assert.That(Applied(await MigrateAsync()), Is.EqualTo(new[] { last }));
        Assert.That(await LackingAsync(), Is.Empty);
        Assert.That(Applied(await MigrateAsync()), Is.Empty, "a step that is repeated finds nothing to do");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_let_a_hub_go_on_when_a_newer_one_has_migrated(bool migrates)
    {
        await using (var db = Open())
        {
            await db.Database.ExecuteSqlRawAsync("INSERT INTO \"__EFMigrationsHistory\" (\"MigrationId\", \"ProductVersion\") VALUES ({0}, 'later')", Later);
            await HubDatabase.PrepareAsync(db, Options() with { Migrates = migrates }, CancellationToken.None);
        }

        using var told = await MigrateAsync();
        Assert.That(told.RootElement.GetProperty("unknown").EnumerateArray().Select(name => name.GetString()), Is.EqualTo(new[] { Later }));
    }

    private static IEnumerable<string?> Applied(JsonDocument told) => told.RootElement.GetProperty("applied").EnumerateArray().Select(name => name.GetString()).ToList();

    /// <summary>As the version before left it: its newest migration is taken back.</summary>
    /// <returns>The name of the one that is lacking now.</returns>
    private async Task<string> GoBackAsync()
    {
        await using var db = Open();
        var known = db.Database.GetMigrations().ToList();
        await db.GetService<IMigrator>().MigrateAsync(known[^2]);
        return known[^1];
    }

    private async Task<IReadOnlyList<string>> LackingAsync()
    {
        await using var db = Open();
        return (await HubDatabase.CompareAsync(db, CancellationToken.None)).Lacking;
    }

    private async Task<JsonDocument> MigrateAsync()
    {
        using StringWriter output = new(), error = new();
        var verbs = new HostVerbs { Serve = (_, _) => Task.CompletedTask, Demo = (_, _, _, _) => Task.CompletedTask, Validate = (_, _) => HubHost.ValidateAsync([], CancellationToken.None), Migrate = HubHost.MigrateAsync };
        Assert.That(await CommandLine.RunAsync(["migrate", .. _settings, "--json"], verbs, new Terminal { Out = output, Error = error }), Is.Zero, error.ToString());
        return JsonDocument.Parse(output.ToString());
    }

    private StorageOptions Options() => new() { Database = kind, ConnectionString = _postgres?.ConnectionString ?? $"Data Source={Path.Combine(_folder, "hub.db")}" };

    private HubDbContext Open()
    {
        if (_postgres is not null)
        {
            return new PostgresHubDbContext(new DbContextOptionsBuilder<PostgresHubDbContext>().UseNpgsql(_postgres.ConnectionString).Options);
        }

        var options = new DbContextOptionsBuilder<SqliteHubDbContext>();
        options.UseHubSqlite(Options().ConnectionString);
        return new SqliteHubDbContext(options.Options);
    }
}
