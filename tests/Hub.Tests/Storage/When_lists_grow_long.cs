using System.Reflection;
using System.Text.Json;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Access;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Reads;
using IntegrationHub.Storage.Reconciliations;
using IntegrationHub.Storage.Runs;
using IntegrationHub.Storage.Verification;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>
/// The plans that PostgreSQL made and followed for lists of a filled database, on the connections that pages read on: a filter that few rows match reads few rows, and no table is read whole.
/// Each filter is given a value that ten rows have.
/// </summary>
[TestFixture(StorageDatabase.Postgres)]
public sealed class When_lists_grow_long(StorageDatabase database) : StorageFixture(database)
{
    private const int Few = 300;

    /// <summary>A whole list is counted up to 10,001 and read up to a page.</summary>
    private const int Whole = Page.MostCounted + Few;

    private const string Run = "'00000000-0000-0000-0000-0000000000a1'::uuid";
    private static readonly PageAsk _page = new(null, 100);
    private static readonly HashSet<string> _large = ["audience_syncs", "outcomes", "dead_letters", "audit", "quarantined_facts", "run_events", "reconciliations", "reconciliation_findings", "read_back_findings", "snapshot_rejects", "letter_actions", "run_tallies"];

    /// <summary>Lists that are short by their nature: as many as people decided, or as there are kinds of something.</summary>
    private static readonly string[] _short = ["AccessBook.ListAsync", "AccessBook.ListPrincipalsAsync", "AlertBook.ListAsync", "ApprovalDesk.ListAsync", "BackfillBook.ListAsync", "ConfigurationBook.ListAsync", "ErasureBook.ListAsync", "FactBook.ViolationsAsync"];

    private static readonly Dictionary<string, (string List, int Most, Func<When_lists_grow_long, HubDbContext, Guid, Task> Read)> _lists = new()
    {
        ["runs"] = ("IRunStore.ListAsync", Whole, (all, db, _) => all.Runs.ListAsync(db, new RunFilter(), _page, default)),
        ["runs of a state"] = ("IRunStore.ListAsync", Few, (all, db, _) => all.Runs.ListAsync(db, new RunFilter("Failed"), _page, default)),
        ["runs of an audience"] = ("IRunStore.ListAsync", Few, (all, db, _) => all.Runs.ListAsync(db, new RunFilter(null, "aud7"), _page, default)),
        ["runs to a destination"] = ("IRunStore.ListAsync", Few, (all, db, _) => all.Runs.ListAsync(db, new RunFilter(null, null, "rare"), _page, default)),
        ["runs that are open"] = ("IRunStore.ListAsync", Few, (all, db, _) => all.Runs.ListAsync(db, new RunFilter { IsOpen = true }, _page, default)),
        ["runs that stand still"] = ("IRunStore.ListAsync", Few, (all, db, _) => all.Runs.ListAsync(db, new RunFilter { IsStalled = true }, _page, default)),
        ["records"] = ("IRunStore.ListRecordsAsync", Whole, (all, db, run) => all.Runs.ListRecordsAsync(db, run, "delivered", null, _page, default)),
        ["records of an outcome"] = ("IRunStore.ListRecordsAsync", Few, (all, db, run) => all.Runs.ListRecordsAsync(db, run, "suppressed", null, _page, default)),
        ["records of a reason"] = ("IRunStore.ListRecordsAsync", Few, (all, db, run) => all.Runs.ListRecordsAsync(db, run, "suppressed", "rare", _page, default)),
        ["letters"] = ("IRunStore.ListDeadLettersAsync", Whole, (all, db, _) => all.Runs.ListDeadLettersAsync(db, null, null, null, _page, default)),
        ["letters of a destination"] = ("IRunStore.ListDeadLettersAsync", Few, (all, db, _) => all.Runs.ListDeadLettersAsync(db, "rare", null, null, _page, default)),
        ["letters of a run"] = ("IRunStore.ListDeadLettersAsync", Few, (all, db, run) => all.Runs.ListDeadLettersAsync(db, null, run, null, _page, default)),
        ["letters of an operation"] = ("IRunStore.ListDeadLettersAsync", Few, (all, db, _) => all.Runs.ListDeadLettersAsync(db, null, null, new DeadLetterKind("set_consent"), _page, default)),
        ["letters of a code"] = ("IRunStore.ListDeadLettersAsync", Few, (all, db, _) => all.Runs.ListDeadLettersAsync(db, null, null, new DeadLetterKind(Code: "odd"), _page, default)),
        ["letters of a status"] = ("IRunStore.ListDeadLettersAsync", Few, (all, db, _) => all.Runs.ListDeadLettersAsync(db, null, null, new DeadLetterKind(Status: "discarded"), _page, default)),
        ["letters of an action"] = ("IRunStore.ListDeadLettersAsync", Few, (all, db, _) => all.Runs.ListDeadLettersAsync(db, null, null, new DeadLetterKind(ActionId: 7), _page, default)),
        ["actions"] = ("LetterActions.ListAsync", Few, (_, db, _) => LetterActions.ListAsync(db, "rare", _page, default)),
        ["turns of a run"] = ("RunTurns.ListAsync", Few, (_, db, run) => RunTurns.ListAsync(db, run, _page, default)),
        ["course of a run"] = ("RunSeries.ReadAsync", Few, (_, db, run) => RunSeries.ReadAsync(db, run, default)),
        ["audit"] = ("AuditLog.ListAsync", Whole, (_, db, _) => AuditLog.ListAsync(db, new AuditFilter(), _page, default)),
        ["audit of a principal"] = ("AuditLog.ListAsync", Few, (_, db, _) => AuditLog.ListAsync(db, new AuditFilter("person:rare"), _page, default)),
        ["audit of an action"] = ("AuditLog.ListAsync", Few, (_, db, _) => AuditLog.ListAsync(db, new AuditFilter(null, "run.odd"), _page, default)),
        ["audit of a word"] = ("AuditLog.ListAsync", Few, (_, db, _) => AuditLog.ListAsync(db, new AuditFilter(null, "rare."), _page, default)),
        ["audit of two words"] = ("AuditLog.ListAsync", Few, (_, db, _) => AuditLog.ListAsync(db, new AuditFilter(null, "rare.ask."), _page, default)),
        ["audit of a subject"] = ("AuditLog.ListAsync", Few, (_, db, _) => AuditLog.ListAsync(db, new AuditFilter(null, null, "run:7"), _page, default)),
        ["what was set aside"] = ("IQuarantine.ListAsync", Whole, (all, db, _) => all.Quarantine.ListAsync(db, new QuarantineFilter(), _page, default)),
        ["set aside for a code"] = ("IQuarantine.ListAsync", Few, (all, db, _) => all.Quarantine.ListAsync(db, new QuarantineFilter("odd"), _page, default)),
        ["set aside of a producer"] = ("IQuarantine.ListAsync", Few, (all, db, _) => all.Quarantine.ListAsync(db, new QuarantineFilter(null, "rare"), _page, default)),
        ["set aside of a type"] = ("IQuarantine.ListAsync", Few, (all, db, _) => all.Quarantine.ListAsync(db, new QuarantineFilter(null, null, "odd_type"), _page, default)),
        ["set aside in a state"] = ("IQuarantine.ListAsync", Few, (all, db, _) => all.Quarantine.ListAsync(db, new QuarantineFilter(null, null, null, "released"), _page, default)),
        ["comparisons"] = ("ReconciliationBook.ListAsync", Whole, (_, db, _) => ReconciliationBook.ListAsync(db, null, null, _page, default)),
        ["comparisons of an audience"] = ("ReconciliationBook.ListAsync", Few, (_, db, _) => ReconciliationBook.ListAsync(db, "aud7", null, _page, default)),
        ["comparisons with a destination"] = ("ReconciliationBook.ListAsync", Few, (_, db, _) => ReconciliationBook.ListAsync(db, null, "rare", _page, default)),
        ["last runs"] = ("LatestRuns.OfAsync", Few, (_, db, _) => LatestRuns.OfAsync(db, [("aud1", "rare"), ("aud7", "braze")], default)),
        ["last comparisons"] = ("LatestRuns.ComparedAsync", Few, (_, db, _) => LatestRuns.ComparedAsync(db, [("aud1", "rare"), ("aud7", "braze")], default)),
        ["findings of a comparison"] = ("ReconciliationFindings.ListAsync", Few, (_, db, run) => ReconciliationFindings.ListAsync(db, run, "duplicate", _page, default)),
        ["findings of a run"] = ("IReadBackStore.ListFindingsAsync", Few, (all, db, run) => all.ReadBacks.ListFindingsAsync(db, run, "unexpected", _page, default)),
        ["rows that were not read"] = ("ISnapshotStore.ListRejectsAsync", Few, (all, db, run) => all.Snapshots.ListRejectsAsync(db, run, "odd", _page, default)),
    };

    private IQuarantine Quarantine { get; set; } = null!;

    private IReadPool Pool { get; set; } = null!;

    private static IEnumerable<string> Names => _lists.Keys;

    [OneTimeSetUp]
    public async Task Fill()
    {
        (Quarantine, Pool) = (Service<IQuarantine>(), Service<IReadPool>());
        await ReadAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            return await session.ExecuteAsync(
                $"""
                INSERT INTO audience_syncs (correlation_id, current_state, audience, destination, mode, lane, max_removal_share, requested_by, requested_at, last_progress_at, finished_at, stalled_since)
                SELECT CASE WHEN n = 1 THEN {Run} ELSE md5('run' || n)::uuid END, CASE WHEN n % 500 = 0 THEN 'Failed' ELSE 'Completed' END, 'aud' || n % 500, CASE WHEN n % 500 = 1 THEN 'rare' ELSE 'braze' END, 'full', 'bulk', 1, 'person:anna',
                    timestamptz '2026-01-01' + n * interval '1 minute', now(), CASE WHEN n % 500 = 2 THEN NULL ELSE now() END, CASE WHEN n % 500 = 2 THEN now() END FROM generate_series(1, 5000) n;
                INSERT INTO outcomes (run_id, profile_id, destination, audience, operation, outcome, code, attempts, at)
                SELECT CASE WHEN n <= 100000 THEN {Run} ELSE md5('run' || n % 1000)::uuid END, n, 'braze', 'aud1', 2, CASE WHEN n % 2000 = 0 THEN 'suppressed' ELSE 'delivered' END,
                    CASE WHEN n % 10000 = 0 THEN 'rare' WHEN n % 2000 = 0 THEN 'no_consent' END, 1, now() FROM generate_series(1, 200000) n;
                INSERT INTO run_tallies (run_id, outcome, code, count, at)
                SELECT CASE WHEN n % 2000 = 0 THEN {Run} ELSE md5('other' || n % 1000)::uuid END, 'delivered', '', 1500, timestamptz '2026-01-01' + n * interval '1 second' FROM generate_series(1, 200000) n;
                INSERT INTO dead_letters (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at, status, action_id)
                SELECT CASE WHEN n % 2000 = 5 THEN {Run} ELSE md5('run' || n)::uuid END, CASE WHEN n % 2000 = 0 THEN 'rare' ELSE 'braze' END, 'aud1', n, CASE WHEN n % 2000 = 1 THEN 4 ELSE 2 END, 'rejected', CASE WHEN n % 2000 = 2 THEN 'odd' ELSE 'invalid' END, 1, now(),
                    CASE WHEN n % 2000 = 3 THEN 'discarded' ELSE 'open' END, CASE WHEN n % 2000 = 4 THEN 7 END FROM generate_series(1, 20000) n;
                INSERT INTO letter_actions (kind, destination, state, requested_by, allows_repeat, confirmed, frozen, upper_id, frozen_id, owed_id, stream_id, partitions, requested_at)
                SELECT 'replay', CASE WHEN n % 500 = 0 THEN 'rare' ELSE 'braze' END, 'done', 'person:anna', false, 0, 0, 0, 0, 0, md5('run' || n)::uuid, 1, now() FROM generate_series(1, 5000) n;
                INSERT INTO audit (seq, at, principal, via, action, subject, prev_hash, hash)
                SELECT n + 1000, now(), CASE WHEN n % 2000 = 0 THEN 'person:rare' ELSE 'person:anna' END, 'api', CASE WHEN n % 2000 = 1 THEN 'run.odd' WHEN n % 2000 = 2 THEN 'rare.ask.twice' ELSE 'run.start' END, 'run:' || n % 2000, '', '' FROM generate_series(1, 20000) n;
                INSERT INTO quarantined_facts (quarantine_id, received_at, event_type, path, code, problem, body, producer, outcome, settled_at, settled_by)
                SELECT md5('fact' || n)::uuid, timestamptz '2026-01-01' + n * interval '1 second', CASE WHEN n % 2000 = 0 THEN 'odd_type' ELSE 'profile_updated' END, '$', CASE WHEN n % 2000 = 1 THEN 'odd' ELSE 'required' END, '', '',
                    CASE WHEN n % 2000 = 2 THEN 'rare' ELSE 'crm' END, CASE WHEN n % 2000 = 3 THEN 'released' END, CASE WHEN n % 2000 = 3 THEN now() END, CASE WHEN n % 2000 = 3 THEN 'person:anna' END FROM generate_series(1, 20000) n;
                INSERT INTO reconciliations (run_id, audience, destination, heal, whole_fields, sample, requested_by, requested_at, stage, after_id, calls, listed, expected, found, missing, unexpected, different, duplicates, checked)
                SELECT md5('run' || n)::uuid, 'aud' || n % 500, CASE WHEN n % 500 = 1 THEN 'rare' ELSE 'braze' END, 'report', false, 0, 'person:anna', timestamptz '2026-01-01' + n * interval '1 minute', 'done', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
                FROM generate_series(1, 5000) n;
                INSERT INTO reconciliation_findings (run_id, kind) SELECT {Run}, CASE WHEN n % 2000 = 0 THEN 'duplicate' ELSE 'missing' END FROM generate_series(1, 20000) n;
                INSERT INTO read_back_findings (run_id, kind) SELECT {Run}, CASE WHEN n % 2000 = 0 THEN 'unexpected' ELSE 'missing' END FROM generate_series(1, 20000) n;
                INSERT INTO snapshot_rejects (snapshot_id, line, field, code, problem) SELECT {Run}, n, 'email', CASE WHEN n % 2000 = 0 THEN 'odd' ELSE 'invalid' END, '' FROM generate_series(1, 20000) n;
                ANALYZE
                """,
                CancellationToken.None);
        });
    }

    [TestCaseSource(nameof(Names))]
    public async Task Should_read_what_is_asked_for_and_no_more(string name)
    {
        var (_, most, read) = _lists[name];
        var (rows, whole) = await Pool.ReadAsync(db => LookedAtAsync(db, () => read(this, db, RunId)));
        Assert.That(whole, Is.Empty, "tables that were read whole");
        Assert.That(rows, Is.InRange(1, most), "rows of large tables and their indexes");
    }

    [TestCase("letters of a status", "ix_dead_letters_status")]
    [TestCase("records of a reason", "ix_outcomes_reason")]
    [TestCase("set aside in a state", "ix_quarantined_facts_state")]
    [TestCase("course of a run", "ix_run_tallies_run")]
    [TestCase("audit of a word", "ix_audit_word")]
    [TestCase("comparisons", "ix_reconciliations_requested")]
    public Task Should_notice_when_an_index_is_gone(string name, string index) => ReadAsync(async db =>
    {
        await using var transaction = await db.Database.BeginTransactionAsync();
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync($"DROP INDEX {index}", CancellationToken.None);
        var (rows, whole) = await LookedAtAsync(db, () => _lists[name].Read(this, db, RunId));
        Assert.That(whole.Count > 0 || rows > _lists[name].Most, Is.True, $"{rows} rows, whole: {string.Join(", ", whole)}");
        return true; // and everything is as it was
    });

    /// <summary>A list that is new stands here, with each of its filters; a comparison of two sources reads all of both.</summary>
    [Test]
    public void Should_leave_out_no_list() => Assert.That(
        (from type in typeof(HubDbContext).Assembly.GetTypes()
        where type != typeof(SagaPages) && type.Name is not ("SnapshotReports" or "ShadowComparison")
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        where (type.IsInterface || method.IsStatic) && method.ReturnType is { IsGenericType: true } task && task.GetGenericArguments()[0] is { IsGenericType: true } page && page.GetGenericTypeDefinition() == typeof(Page<>)
        select $"{type.Name}.{method.Name}").Concat(["RunSeries.ReadAsync", "LatestRuns.OfAsync", "LatestRuns.ComparedAsync"]),
        Is.EquivalentTo(_lists.Values.Select(list => list.List).Concat(_short).Distinct()));

    private static Guid RunId { get; } = new("00000000-0000-0000-0000-0000000000a1");

    private T Service<T>()
        where T : notnull
    {
        using var scope = Scopes.CreateScope();
        return scope.ServiceProvider.GetRequiredService<T>();
    }

    /// <summary>How many rows of large tables were looked at, and which of these were read whole, as the server tells of its own plans.</summary>
    private static async Task<(long Rows, IReadOnlyList<string> Whole)> LookedAtAsync(HubDbContext db, Func<Task> read)
    {
        await db.Database.OpenConnectionAsync();
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        var plans = new List<string>();
        connection.Notice += Note;
        try
        {
            await db.Database.ExecuteSqlRawAsync(
                "LOAD 'auto_explain'; SET auto_explain.log_level = notice; SET auto_explain.log_analyze = on; SET auto_explain.log_timing = off; SET auto_explain.log_format = json; SET auto_explain.log_min_duration = 0");
            plans.Clear();
            await read();
        }
        finally
        {
            connection.Notice -= Note;
            await db.Database.CloseConnectionAsync();
        }

        var nodes = plans.SelectMany(plan => Nodes(JsonElement.Parse(plan[plan.IndexOf('{', StringComparison.Ordinal)..]).GetProperty("Plan"))).Where(node => node.TryGetProperty("Relation Name", out var table) && _large.Contains(table.GetString()!)).ToList();
        return ((long)nodes.Sum(RowsOf), [.. nodes.Where(node => node.GetProperty("Node Type").GetString()!.Contains("Seq Scan", StringComparison.Ordinal)).Select(node => node.GetProperty("Relation Name").GetString()!)]);

        void Note(object sender, NpgsqlNoticeEventArgs told) => plans.Add(told.Notice.MessageText);
    }

    private static IEnumerable<JsonElement> Nodes(JsonElement plan) =>
        (plan.TryGetProperty("Plans", out var below) ? below.EnumerateArray().SelectMany(Nodes) : []).Prepend(plan);

    private static double RowsOf(JsonElement node) => node.GetProperty("Actual Loops").GetDouble() * (Number(node, "Actual Rows") + Number(node, "Rows Removed by Filter") + Number(node, "Rows Removed by Index Recheck"));

    private static double Number(JsonElement node, string name) => node.TryGetProperty(name, out var value) ? value.GetDouble() : 0;
}
