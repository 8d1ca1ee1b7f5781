using System.Data.Common;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>The chain: whoever has the database can change it, and is found.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_the_audit_log_is_written(StorageDatabase database) : StorageFixture(database)
{
    private const int Rows = 5;
    private string _triggers = "";

    [OneTimeSetUp]
    public async Task Remember_the_triggers()
    {
        if (!IsPostgres)
        {
            _triggers = (await TextAsync("SELECT group_concat(sql, ';') FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit'"))!;
        }
    }

    [SetUp]
    public async Task Begin()
    {
        await ExecuteAsync(IsPostgres ? "ALTER TABLE audit DISABLE TRIGGER audit_append_only" : "DROP TRIGGER IF EXISTS audit_no_update; DROP TRIGGER IF EXISTS audit_no_delete");
        await ExecuteAsync("DELETE FROM audit; UPDATE audit_head SET seq = 0, hash = ''");
        await ExecuteAsync(IsPostgres ? "ALTER TABLE audit ENABLE TRIGGER audit_append_only" : _triggers);
        for (var i = 1; i <= Rows; i++)
        {
            await AppendAsync($"run:{i}");
        }
    }

    [Test]
    public async Task Should_be_a_chain_without_gaps()
    {
        var check = await VerifyAsync();
        Assert.That((check.Fault, check.Rows, check.HeadSeq), Is.EqualTo(((AuditFault?)null, (long)Rows, (long)Rows)));
        var rows = await ListAsync(new AuditFilter());
        Assert.That(rows.Select(row => row.Seq), Is.EqualTo(new long[] { 5, 4, 3, 2, 1 }));
        Assert.That(rows[0].Hash, Is.EqualTo(check.HeadHash));
        Assert.That(rows[3].Entry, Is.EqualTo(new AuditEntry(Noon, "person:anna", AuditVia.Api, "run.pause", "run:2", "because", null, "after")));
    }

    [Test]
    public async Task Should_be_found_by_what_was_done_and_to_what()
    {
        Assert.That((await ListAsync(new AuditFilter(Subject: "run:3"))).Single().Seq, Is.EqualTo(3));
        Assert.That((await ListAsync(new AuditFilter(Action: "run."), new PageAsk("3", 1))).Single().Seq, Is.EqualTo(2));
        Assert.That(await ListAsync(new AuditFilter(Action: "run")), Is.Empty);
        Assert.That(await ListAsync(new AuditFilter(Principal: "person:kim")), Is.Empty);
    }

    [TestCase("UPDATE audit SET reason = 'another' WHERE seq = 3")]
    [TestCase("DELETE FROM audit WHERE seq = 3")]
    public async Task Should_refuse_every_change(string sql)
    {
        Assert.That(async () => await ExecuteAsync(sql), Throws.InstanceOf<DbException>().With.Message.Contains("only ever added to"));
        Assert.That((await VerifyAsync()).Fault, Is.Null);
    }

    [TestCase("UPDATE audit SET reason = 'another' WHERE seq = 3", 3)]
    [TestCase("UPDATE audit SET principal = 'person:kim' WHERE seq = 1", 1)]
    [TestCase("DELETE FROM audit WHERE seq = 3", 3)]
    [TestCase("DELETE FROM audit WHERE seq = 1", 1)]
    [TestCase("DELETE FROM audit WHERE seq >= 4", 4)]
    [TestCase("DELETE FROM audit", 1)]
    [TestCase("UPDATE audit SET seq = 99 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 99", 2)]
    [TestCase("DELETE FROM audit WHERE seq = 5; UPDATE audit_head SET seq = 4", 4)]
    public async Task Should_name_the_first_row_that_is_not_as_it_was_written(string sql, long seq)
    {
        await ExecuteAsync(IsPostgres ? "ALTER TABLE audit DISABLE TRIGGER audit_append_only" : "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete");
        await ExecuteAsync(sql);
        Assert.That((await VerifyAsync()).Fault?.Seq, Is.EqualTo(seq));
    }

    /// <summary>Whoever changes a row and computes its hash anew is betrayed by the next one.</summary>
    [Test]
    public async Task Should_not_be_deceived_by_a_row_with_a_hash_of_its_own()
    {
        await ExecuteAsync(IsPostgres ? "ALTER TABLE audit DISABLE TRIGGER audit_append_only" : "DROP TRIGGER audit_no_update");
        var row = (await ListAsync(new AuditFilter(Subject: "run:2"))).Single();
        var forged = row with { Entry = row.Entry with { Reason = "another" } };
        await ExecuteAsync($"UPDATE audit SET reason = 'another', hash = '{forged.ComputeHash()}' WHERE seq = 2");
        Assert.That((await VerifyAsync()).Fault?.Seq, Is.EqualTo(3));
    }

    /// <summary>Whoever writes all of it anew, head and all, has a chain that holds together; what was noted elsewhere betrays it.</summary>
    [TestCase(Rows + 1, 3)]
    [TestCase(Rows - 1, Rows)]
    public async Task Should_not_be_deceived_by_another_log(int rows, long seq)
    {
        var third = (await ListAsync(new AuditFilter(Subject: "run:3"))).Single();
        AuditHead[] anchors = [new(third.Seq, third.Hash), new(Rows, (await VerifyAsync()).HeadHash)];
        Assert.That((await VerifyAsync(anchors)).Fault, Is.Null);
        await ExecuteAsync(IsPostgres ? "ALTER TABLE audit DISABLE TRIGGER audit_append_only" : "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete");
        await ExecuteAsync(rows > Rows ? "DELETE FROM audit; UPDATE audit_head SET seq = 0, hash = ''" : $"DELETE FROM audit WHERE seq > {rows}; UPDATE audit_head SET seq = {rows}, hash = (SELECT a.hash FROM audit a WHERE a.seq = {rows})");
        for (var i = 1; rows > Rows && i <= rows; i++)
        {
            await AppendAsync($"run:{100 + i}");
        }

        Assert.That((await VerifyAsync()).Fault, Is.Null, "it holds together");
        Assert.That((await VerifyAsync(anchors)).Fault?.Seq, Is.EqualTo(seq));
    }

    [TestCase("1,234 entries hold together; the head is 0a1b.", 1234L, "0a1b")]
    [TestCase("5 entries hold together; the head is ff.", 5L, "ff")]
    public void Should_be_read_where_the_hub_noted_it(string note, long seq, string hash) => Assert.That(IntegrationHub.Hub.Audit.AuditAnchor.Read(note), Is.EqualTo(new AuditHead(seq, hash)));

    [TestCase(null)]
    [TestCase("0 entries hold together; the head is .")]
    [TestCase("The audit log is broken at entry 3")]
    public void Should_be_compared_with_no_note_that_names_no_head(string? note) => Assert.That(IntegrationHub.Hub.Audit.AuditAnchor.Read(note), Is.Null);

    [Test]
    public async Task Should_stay_one_chain_when_many_write_at_once()
    {
        if (IsPostgres)
        {
            await Task.WhenAll(Enumerable.Range(0, 24).Select(i => AppendAsync($"race:{i}")));
            var check = await VerifyAsync();
            Assert.That((check.Fault, check.Rows), Is.EqualTo(((AuditFault?)null, Rows + 24L)));
        }
    }

    /// <summary>What was rolled back leaves no gap.</summary>
    [Test]
    public async Task Should_forget_what_did_not_happen()
    {
        Assert.That(
            async () => await WriteAsync(async db =>
            {
                await AuditLog.AppendAsync(db, new AuditEntry(Noon, "person:anna", AuditVia.Api, "run.pause", "run:9"), CancellationToken.None);
                throw new InvalidOperationException("no");
            }),
            Throws.InvalidOperationException);
        await AppendAsync("run:10");
        Assert.That((await VerifyAsync()).Fault, Is.Null);
        Assert.That((await ListAsync(new AuditFilter(), new PageAsk(null, 1))).Single().Seq, Is.EqualTo(Rows + 1));
    }

    private Task AppendAsync(string subject) => WriteAsync(db =>
        AuditLog.AppendAsync(db, new AuditEntry(Noon.AddTicks(7), "person:anna", AuditVia.Api, "run.pause", subject, "because", null, "after"), CancellationToken.None));

    private Task<AuditCheck> VerifyAsync(params AuditHead[] anchors) => ReadAsync(db => AuditLog.VerifyAsync(db, anchors, CancellationToken.None));

    private async Task<IReadOnlyList<AuditRow>> ListAsync(AuditFilter filter, PageAsk? ask = null) => (await ReadAsync(db => AuditLog.ListAsync(db, filter, ask ?? new PageAsk(), CancellationToken.None))).Items;

    private Task ExecuteAsync(string sql) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return await session.ExecuteAsync(sql, CancellationToken.None);
    });
}
