using IntegrationHub.Sagas.BackfillRun;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Renames;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>What stands under a source's name goes by the new one, is added up where both stand, and goes back as it came.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_source_is_called_otherwise(StorageDatabase database) : StorageFixture(database)
{
    private string _old = "";
    private string _next = "";

    [SetUp]
    public void Name() => (_old, _next) = (Unique("old"), Unique("new"));

    [Test]
    public async Task Should_stand_under_the_new_name_and_go_back()
    {
        await FillAsync(_old);
        Assert.That(await RenameAsync(_old, _next), Is.EqualTo(SourceColumn.All.Count));
        await AssertStandsAsync(_next, 1);
        await AssertStandsAsync(_old, 0);
        Assert.That(await RenameAsync(_next, _old), Is.EqualTo(SourceColumn.All.Count));
        await AssertStandsAsync(_old, 1);
    }

    /// <summary>What is done with keeps the name of its time, as the log does.</summary>
    [Test]
    public async Task Should_leave_what_is_done_with_as_it_was()
    {
        await FillAsync(_old);
        await ExecuteAsync($"UPDATE webhook_receipts SET state = 'done' WHERE source = '{_old}'");
        await RenameAsync(_old, _next);
        Assert.That(await CountAsync($"SELECT count(*) FROM webhook_receipts WHERE source = '{_old}'"), Is.EqualTo(1));
    }

    /// <summary>A producer may be ahead of the file.</summary>
    [Test]
    public async Task Should_add_up_what_both_names_counted()
    {
        await CountAsync(_old, 5, 12);
        await CountAsync(_next, 3, 11);
        await RenameAsync(_old, _next);
        Assert.That(await CountAsync($"SELECT facts FROM fact_volumes WHERE producer = '{_next}'"), Is.EqualTo(8));
        Assert.That(await CountAsync($"SELECT count FROM violations WHERE producer = '{_next}'"), Is.EqualTo(8));
        Assert.That(await CountAsync($"SELECT present FROM fact_fields WHERE producer = '{_next}'"), Is.EqualTo(8));
        Assert.That(await CountAsync($"SELECT facts FROM fact_values WHERE producer = '{_next}'"), Is.EqualTo(8));
        Assert.That(await CountAsync($"SELECT count(*) FROM violations WHERE producer = '{_next}' AND first_at = {At(11)} AND last_at = {At(12)}"), Is.EqualTo(1));
        await AssertStandsAsync(_old, 0, counted: true);
    }

    [TestCase("run")]
    [TestCase("asked")]
    public async Task Should_wait_for_a_rebuild(string work)
    {
        var run = Guid.NewGuid();
        await WriteAsync(async db =>
        {
            if (work == "asked")
            {
                await AskedRuns.AddAsync(db, run, AskedRuns.Backfill, $$"""{"RunId":"{{run}}","Kind":"rebuild"}""", Noon, CancellationToken.None);
                return;
            }

            db.Add(new BackfillRunState { CorrelationId = run, CurrentState = "Delivering", Kind = BackfillKind.Rebuild, Audience = "", Destination = "", RequestedAt = Noon, LastProgressAt = Noon });
        });
        await Assert.ThatAsync(
            () => RenameAsync(_old, _next),
            Throws.InstanceOf<RenameRefusedException>().With.Property(nameof(RenameRefusedException.Type)).EqualTo(RenameRefusedException.Busy).And.Message.Contains("1 rebuild is not over").And.Message.Contains("Nothing was changed"));
        await WriteAsync(db => AskedRuns.ForgetAsync(db, run, CancellationToken.None));
        await ExecuteAsync("UPDATE backfill_runs SET finished_at = requested_at WHERE kind = 'rebuild'");
        await Assert.ThatAsync(() => RenameAsync(_old, _next), Throws.Nothing);
    }

    [Test]
    public async Task Should_not_take_the_name_of_a_shadow()
    {
        await ExecuteAsync($"INSERT INTO shadow_statements (source, kind, name, subject_key, value, stated_at) VALUES ('{_next}', 'attribute', 'tier', 'external_id:x', '1', 0)");
        await Assert.ThatAsync(() => RenameAsync(_old, _next), Throws.InstanceOf<RenameRefusedException>().With.Property(nameof(RenameRefusedException.Type)).EqualTo(RenameRefusedException.Taken));
    }

    /// <summary>Whatever it is called, a message that is sent again is the same one; and one that has the name after it is somebody else.</summary>
    [Test]
    public async Task Should_make_ids_of_the_first_name_for_ever()
    {
        var third = Unique("third");
        await RenameAsync(_old, _next);
        await RenameAsync(_next, third);
        Assert.That(await NamesAsync(_old, _next, third), Is.EqualTo(new[] { (_old, third, _old), (_next, third, _old), (third, third, _old) }));
        Assert.That(await ReadAsync(db => SourceNames.AllOfAsync(db, [third], CancellationToken.None)), Is.EquivalentTo(new[] { _old, _next, third }), "the log has all of them");
        await RenameAsync(third, _old);
        Assert.That((await NamesAsync(_old)).Single(), Is.EqualTo((_old, _old, _old)));

        await WriteAsync(db => SourceNames.SettleAsync(db, [_old, _next], CancellationToken.None));
        Assert.That(await NamesAsync(_old, _next, third), Is.EqualTo(new[] { (_old, _old, _old), (_next, _next, $"{_old}+{_next}"), (third, _old, _old) }), "another source of that name makes others");
        await WriteAsync(db => SourceNames.SettleAsync(db, [_old, _next], CancellationToken.None));
        Assert.That((await NamesAsync(_next)).Single().InIds, Is.EqualTo($"{_old}+{_next}"), "once");
        Assert.That(await ReadAsync(db => SourceNames.AllOfAsync(db, ["nobody"], CancellationToken.None)), Is.EqualTo(new[] { "nobody" }));
    }

    /// <summary>A table that is made later and holds a source's name goes by the new one, or says why not.</summary>
    [Test]
    public async Task Should_know_every_column_that_holds_a_name()
    {
        var columns = await TextsAsync(IsPostgres
            ? "SELECT c.table_name || '.' || c.column_name FROM information_schema.columns c JOIN pg_class t ON t.relname = c.table_name AND t.relnamespace = CAST(current_schema() AS regnamespace) WHERE c.table_schema = current_schema() AND t.relkind IN ('r', 'p') AND NOT t.relispartition"
            : "SELECT t.name || '.' || c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'");
        var renamed = SourceColumn.All.Select(column => $"{column.Table}.{column.Name}").ToList();
        Assert.That(columns.Where(column => column.Split('.')[1] is "source" or "producer" or "source_name" or "sources" or "producers").Except(renamed).Except(SourceColumn.Kept.Keys), Is.Empty);
        Assert.That(renamed.Concat(SourceColumn.Kept.Keys).Except(columns), Is.Empty, "what is gone");
        Assert.That(renamed.Intersect(SourceColumn.Kept.Keys), Is.Empty);
    }

    /// <summary>Everything of which only one may stand under a name is known as that.</summary>
    [Test]
    public async Task Should_know_what_tells_rows_apart()
    {
        foreach (var column in SourceColumn.All)
        {
            var rows = await TextsAsync(IsPostgres
                ? $"SELECT CAST(x.indexrelid AS text) || '.' || a.attname FROM pg_index x JOIN pg_attribute a ON a.attrelid = x.indexrelid WHERE x.indrelid = CAST('{column.Table}' AS regclass) AND x.indisunique"
                : $"SELECT i.name || '.' || coalesce(c.name, '') FROM pragma_index_list('{column.Table}') i JOIN pragma_index_info(i.name) c WHERE i.\"unique\"");
            var unique = rows.GroupBy(row => row.Split('.')[0], row => row.Split('.')[1]).Where(key => key.Contains(column.Name)).Select(key => key.Where(name => name != column.Name).Order()).ToList();
            Assert.That(unique.All(key => column.Key.Order().SequenceEqual(key)), Is.True, $"{column.Table}: {string.Join(" | ", unique.Select(key => string.Join(',', key)))}");
            Assert.That(unique.Count == 0, Is.EqualTo(column.Key.Length == 0), column.Table);
        }
    }

    private Task<long> RenameAsync(string from, string to) => WriteAsync(async db =>
    {
        await Ledger.LockAsync(db, CancellationToken.None);
        return await SourceRenaming.RenameAsync(db, from, to, CancellationToken.None);
    });

    /// <summary>A row of it in every table that goes by its name.</summary>
    private async Task FillAsync(string source)
    {
        await CountAsync(source, 1, 12);
        await ExecuteAsync($"INSERT INTO webhook_receipts (receipt_id, source, idempotency_key, received_at, state, headers, size) VALUES ('{Guid.NewGuid()}', '{source}', 'k', {At(12)}, 'waiting', '{{}}', 0)");
        await ExecuteAsync($"INSERT INTO quarantined_facts (quarantine_id, received_at, path, code, problem, body, producer) VALUES ('{Guid.NewGuid()}', {At(12)}, '', 'missing', 'is missing', {(IsPostgres ? "'\\x7b7d'" : "x'7b7d'")}, '{source}')");
        await ExecuteAsync($"INSERT INTO shadow_statements (source, kind, name, subject_key, value, stated_at) VALUES ('{source}', 'attribute', 'tier', 'external_id:x', '1', 0)");
        await ExecuteAsync($"INSERT INTO identity_proposals (event_id, tenant_id, key_stays, key_gone, producer, occurred_at) VALUES ('{Guid.NewGuid()}', 'default', 'external_id:a', 'external_id:b', '{source}', {At(12)})");
    }

    /// <summary>What the catalogue counts of a source.</summary>
    private async Task CountAsync(string source, int number, int hour)
    {
        var day = IsPostgres ? "DATE '2026-03-01'" : "0";
        await ExecuteAsync($"INSERT INTO fact_volumes (hour, event_type, producer, facts, quarantined, last_at) VALUES ({At(0)}, 'profile_updated', '{source}', {number}, 0, {At(hour)})");
        await ExecuteAsync($"INSERT INTO violations (type, event_type, name, path, producer, action, count, first_at, last_at) VALUES ('missing', 'profile_updated', '', 'x', '{source}', 'omit', {number}, {At(hour)}, {At(hour)})");
        await ExecuteAsync($"INSERT INTO fact_fields (day, event_type, producer, path, facts, present) VALUES ({day}, 'profile_updated', '{source}', 'x', {number}, {number})");
        await ExecuteAsync($"INSERT INTO fact_values (event_type, producer, path, value, facts, first_at, last_at) VALUES ('profile_updated', '{source}', 'x', 'v', {number}, {At(hour)}, {At(hour)})");
    }

    private async Task AssertStandsAsync(string source, int rows, bool counted = false)
    {
        foreach (var column in SourceColumn.All.Where(column => !counted || column.Sums.Count > 0))
        {
            Assert.That(await CountAsync($"SELECT count(*) FROM {column.Table} WHERE {column.Name} = '{source}'"), Is.EqualTo(rows), column.Table);
        }
    }

    private async Task<List<(string Name, string Present, string InIds)>> NamesAsync(params string[] names)
    {
        var known = await ReadAsync(db => SourceNames.ReadAsync(db, CancellationToken.None));
        return [.. names.Where(known.ContainsKey).Select(name => (name, known[name].Present, known[name].InIds))];
    }

    private string At(int hour) => IsPostgres ? $"'{Noon.AddHours(hour - 12):O}'" : $"{Noon.AddHours(hour - 12).UtcTicks}";

    private Task<List<string>> TextsAsync(string sql) => ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return await session.ReadAsync(sql, row => row.GetString(0), CancellationToken.None);
    });

    private Task ExecuteAsync(string sql) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(sql, CancellationToken.None);
    });
}
