using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Sagas.BackfillRun;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Renames;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>A new name and nothing else: nobody is added, sent or removed by it, and statements of the former name count.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_an_audience_is_called_otherwise(StorageDatabase database) : StorageFixture(database)
{
    private string _old = "";
    private string _next = "";
    private string _destination = "";

    [SetUp]
    public void Name() => (_old, _next, _destination) = (Unique("old"), Unique("new"), Unique("dest"));

    [Test]
    public async Task Should_owe_nothing_and_nobody_and_go_on_with_what_was_owed()
    {
        var (stays, leaves, joins) = (Unique("p"), Unique("p"), Unique("p"));
        await DeliverAsync(stays, leaves);
        await AppendAsync(Membership(leaves, _old, false, 30), Membership(joins, _old, true, 30));
        Assert.That(await RenameAsync(), Is.Positive);

        Assert.That(await MembersAsync(_old), Is.Zero);
        Assert.That(await MembersAsync(_next), Is.EqualTo(2));
        var stored = await ReadAsync(db => Destinations.FindAudienceAsync(db, _destination, _next, CancellationToken.None));
        Assert.That((stored!.RemoteRef, stored.Requested), Is.EqualTo(("list-1", "name:First")), "the vendor's list is the one that it was");
        Assert.That((await ReadAsync(db => Destinations.ListConditionsAsync(db, _destination, CancellationToken.None))).Select(condition => condition.Name), Is.EqualTo(new[] { $"{_destination}/audience:{_next}" }));
        Assert.That((await ReadAsync(db => Runs.ListAsync(db, new RunFilter(null, _next, null), new(), CancellationToken.None))).Items, Has.Count.EqualTo(1), "what it did is found");
        await AssertNothingStandsUnderAsync(_old);

        var run = await StartRunAsync(_next, destination: _destination);
        var plan = await PlanAsync(run, _next, destination: _destination);
        Assert.That((plan.ToAdd, plan.ToRemove), Is.EqualTo((1L, 1L)), "who joined and who left before, and nobody else");
    }

    [Test]
    public async Task Should_go_back_as_it_came()
    {
        await DeliverAsync(Unique("p"), Unique("p"));
        await RenameAsync();
        (_old, _next) = (_next, _old);
        await RenameAsync();
        var plan = await PlanAsync(await StartRunAsync(_next, destination: _destination), _next, destination: _destination);
        Assert.That((plan.ToAdd, plan.ToRemove, plan.CurrentMembers), Is.EqualTo((0L, 0L, 2L)));
    }

    [Test]
    public async Task Should_take_what_is_stated_of_the_former_name_for_the_present_one_and_leave_it_in_the_log()
    {
        var (before, after) = (Unique("p"), Unique("p"));
        var fact = Membership(before, _old, true) with { BodyJson = $$$"""{"payload":{"audience":"{{{_old}}}"}}""" };
        await AppendAsync(fact);
        await RenameAsync();
        await CallAsync(_old, _next);
        await AppendAsync(Membership(after, _old, true, 5));
        Assert.That((await MembersAsync(_next), await MembersAsync(_old)), Is.EqualTo((2L, 0L)));
        Assert.That(await ReadAsync(db => Ledger.PreviewAsync(db, [fact], CancellationToken.None)), Is.Empty, "the log says what stands");
        await AppendAsync(Membership(before, _next, false, -5));
        Assert.That(await MembersAsync(_next), Is.EqualTo(2), "an earlier statement of either name loses");
        var again = await WriteAsync(db => Ledger.RestateAsync(db, [Membership(before, _old, false, 10)], CancellationToken.None));
        Assert.That(again.Single().Audiences, Is.EqualTo(new[] { _next }));
        Assert.That(await MembersAsync(_next), Is.EqualTo(1));

        var list = await LoadAsync(_old, "full", 20, new StagedMember(2, before, null, null, "{}", true));
        Assert.That((await ReadAsync(db => Snapshots.FindAsync(db, list, 0, CancellationToken.None)))!.Audience, Is.EqualTo(_next), "a list of the former name, of a hub that has not heard");
        await CallAsync();
        await AppendAsync(Membership(after, _old, true, 40));
        Assert.That(await MembersAsync(_old), Is.EqualTo(1), "without a line it is a name like any other");
    }

    /// <summary>A producer may be ahead of the file.</summary>
    [Test]
    public async Task Should_join_who_was_stated_under_the_new_name_already_by_the_later_statement()
    {
        var (left, joined, both) = (Unique("p"), Unique("p"), Unique("p"));
        await WriteAsync(db => Ledger.RouteAudiencesAsync(db, [new AudienceRoute(_old, _destination)], CancellationToken.None));
        await AppendAsync(Membership(left, _old, true, 1), Membership(left, _next, false, 2), Membership(joined, _old, false, 2), Membership(joined, _next, true, 1), Membership(both, _next, true, 3));
        await RenameAsync();
        Assert.That(await NamesAsync(), Is.EqualTo(new[] { both }));
        Assert.That(await CountAsync($"SELECT count(*) FROM audience_changes WHERE audience = '{_next}'"), Is.EqualTo(3), "all of them are looked at by the next run");
    }

    [TestCase("run", "1 run is not over")]
    [TestCase("backfill", "1 backfill, rollback or rebuild is not over")]
    [TestCase("asked", "1 run is about to start")]
    [TestCase("job", "1 job at a vendor is under way")]
    [TestCase("turn", "1 delivery may be on its way")]
    public async Task Should_wait_for_what_is_under_way(string work, string why)
    {
        await AppendAsync(Membership(Unique("p"), _old, true));
        await BeginAsync(work);
        var members = await MembersAsync(_old);
        var refused = await RefusedAsync();
        Assert.That(refused.Type, Is.EqualTo(RenameRefusedException.Busy), refused.Message);
        Assert.That(refused.Message, Does.Contain(why).And.Contain("Nothing was changed"));
        Assert.That(await MembersAsync(_old), Is.EqualTo(members));
        await EndAsync();
        Assert.That(await RenameAsync(), Is.Positive);
    }

    [Test]
    public async Task Should_not_take_a_name_that_was_anothers()
    {
        await AppendAsync(Membership(Unique("p"), _old, true));
        await WriteAsync(db => Destinations.RememberAudienceAsync(db, new StoredAudience(_destination, _next, "list-2", null), Noon, CancellationToken.None));
        Assert.That((await RefusedAsync()).Type, Is.EqualTo(RenameRefusedException.Taken));
        Assert.That(await MembersAsync(_old), Is.EqualTo(1));
    }

    /// <summary>A table that is made later and holds an audience's name goes by the new one, or says why not.</summary>
    [Test]
    public async Task Should_know_every_column_that_holds_a_name()
    {
        var columns = await ColumnsAsync();
        var renamed = AudienceColumn.All.Select(column => $"{column.Table}.{column.Name}").ToList();
        Assert.That(columns.Where(column => column.Split('.')[1].Contains("audience", StringComparison.Ordinal)).Except(renamed).Except(AudienceColumn.Kept.Keys), Is.Empty);
        Assert.That(renamed.Concat(AudienceColumn.Kept.Keys).Except(columns), Is.Empty, "what is gone");
        Assert.That(renamed.Intersect(AudienceColumn.Kept.Keys), Is.Empty);
    }

    /// <summary>Everything of which only one may stand under a name is known as that.</summary>
    [Test]
    public async Task Should_know_what_tells_rows_apart()
    {
        foreach (var column in AudienceColumn.All)
        {
            var unique = await UniqueAsync(column);
            Assert.That(unique.All(key => column.Key.Order().SequenceEqual(key) || IsRefusedOrEmpty(column.Table)), Is.True, $"{column.Table}: {string.Join(" | ", unique.Select(key => string.Join(',', key)))}");
        }

        static bool IsRefusedOrEmpty(string table) => table is "audiences" or "destination_audiences" or "destination_members" or "deliveries"; // under a name that holds any of these nothing is renamed
    }

    private Task<long> RenameAsync() => WriteAsync(async db =>
    {
        await Ledger.LockAsync(db, CancellationToken.None);
        return await AudienceRenaming.RenameAsync(db, _old, _next, CancellationToken.None);
    });

    private async Task<RenameRefusedException> RefusedAsync()
    {
        try
        {
            return new RenameRefusedException("not-refused", $"{await RenameAsync()} rows were renamed");
        }
        catch (RenameRefusedException refused)
        {
            return refused;
        }
    }

    private Task CallAsync(string? former = null, string? present = null) => WriteAsync(async db =>
    {
        await Ledger.LockAsync(db, CancellationToken.None);
        await AudienceAliases.ReplaceAsync(db, former is null ? new Dictionary<string, string>() : new Dictionary<string, string> { [former] = present! }, CancellationToken.None);
    });

    /// <summary>The people are members, the vendor has them in its list, and trouble was had with it.</summary>
    private async Task DeliverAsync(params string[] people)
    {
        await ApplyAsync(_old, "full", 0, people);
        var run = await StartRunAsync(_old, destination: _destination);
        await PlanAsync(run, _old, destination: _destination);
        await DeliverAllAsync(destination: _destination);
        await SetStateAsync(run, "Completed");
        await WriteAsync(db => Destinations.RememberAudienceAsync(db, new StoredAudience(_destination, _old, "list-1", "name:First"), Noon, CancellationToken.None));
        await WriteAsync(db => Destinations.ReportAsync(db, new ConditionReport($"{_destination}/audience:{_old}", "misconfigured", "audience_gone", Noon, null), _ => Noon.AddHours(1), CancellationToken.None));
    }

    private Guid _run;
    private Lease? _lease;

    private async Task BeginAsync(string work)
    {
        _run = Guid.NewGuid();
        switch (work)
        {
            case "run":
                _run = await StartRunAsync(_old, "AwaitingApproval", _destination);
                break;
            case "backfill":
                await WriteAsync(db =>
                {
                    db.Add(new BackfillRunState { CorrelationId = _run, CurrentState = "Delivering", Kind = BackfillKind.Attributes, Audience = _old, Destination = _destination, RequestedAt = Noon, LastProgressAt = Noon });
                    return Task.CompletedTask;
                });
                break;
            case "asked":
                await WriteAsync(db => AskedRuns.AddAsync(db, _run, AskedRuns.Sync, $$"""{"RunId":"{{_run}}","Audience":"{{_old}}"}""", Noon, CancellationToken.None));
                break;
            case "job":
                await ExecuteAsync($"INSERT INTO bulk_jobs (destination, lane, partition, run_id, audience, operation, remote_job, plan_version, started_at, poll_at) VALUES ('{_destination}', 'bulk', 0, '{_run}', '{_old}', 2, 'j', 'p', {At}, {At})");
                break;
            default:
                await WriteAsync(db => Ledger.RouteLiveAsync(db, [new AudienceRoute(_old, _destination)], 1, CancellationToken.None));
                await AppendAsync(Membership(Unique("p"), _old, false), Membership(Unique("p"), _old, true, 1));
                _lease = await LeaseAsync("one", 0, _destination, Lane.Live);
                break;
        }
    }

    private string At => IsPostgres ? "now()" : "0";

    private async Task EndAsync()
    {
        if (_lease is { } lease)
        {
            await WriteAsync(db => Deliveries.ReleaseLeaseAsync(db, lease, true, CancellationToken.None));
            _lease = null;
        }

        await ExecuteAsync($"DELETE FROM bulk_jobs WHERE run_id = '{_run}'");
        await WriteAsync(db => AskedRuns.ForgetAsync(db, _run, CancellationToken.None));
        await ExecuteAsync($"UPDATE audience_syncs SET finished_at = {At} WHERE audience = '{_old}'");
        await ExecuteAsync($"UPDATE backfill_runs SET finished_at = {At} WHERE audience = '{_old}'");
    }

    private async Task AssertNothingStandsUnderAsync(string audience)
    {
        foreach (var column in AudienceColumn.All)
        {
            Assert.That(await CountAsync($"SELECT count(*) FROM {column.Table} WHERE {column.Name} = '{audience}'"), Is.Zero, column.Table);
        }
    }

    private Task<List<string>> NamesAsync() => TextsAsync($"SELECT p.external_id FROM memberships m JOIN profiles p ON p.profile_id = m.profile_id WHERE m.audience = '{_next}' AND m.is_member");

    private Task<List<string>> ColumnsAsync() => TextsAsync(IsPostgres
        ? "SELECT c.table_name || '.' || c.column_name FROM information_schema.columns c JOIN pg_class t ON t.relname = c.table_name AND t.relnamespace = CAST(current_schema() AS regnamespace) WHERE c.table_schema = current_schema() AND t.relkind IN ('r', 'p') AND NOT t.relispartition"
        : "SELECT t.name || '.' || c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'");

    /// <summary>What a table's unique indexes that hold the name hold besides, each in order of names.</summary>
    private async Task<IReadOnlyList<List<string>>> UniqueAsync(AudienceColumn column)
    {
        var rows = await TextsAsync(IsPostgres
            ? $"SELECT CAST(x.indexrelid AS text) || '.' || a.attname FROM pg_index x JOIN pg_attribute a ON a.attrelid = x.indexrelid WHERE x.indrelid = CAST('{column.Table}' AS regclass) AND x.indisunique"
            : $"SELECT i.name || '.' || coalesce(c.name, '') FROM pragma_index_list('{column.Table}') i JOIN pragma_index_info(i.name) c WHERE i.\"unique\"");
        return [.. rows.GroupBy(row => row.Split('.')[0], row => row.Split('.')[1]).Where(key => key.Contains(column.Name)).Select(key => key.Where(name => name != column.Name).Order().ToList())];
    }

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
