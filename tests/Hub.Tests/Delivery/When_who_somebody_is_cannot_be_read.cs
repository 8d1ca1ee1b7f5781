using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Watch;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>A newer version decided something about somebody in words that this one does not know: it is nobody's business but theirs.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_who_somebody_is_cannot_be_read(StorageDatabase database) : DrainFixture(database)
{
    private const string Verdict = "entrust";

    [TearDown]
    public Task Read_them_again() => ExecuteAsync($"DELETE FROM identity_decisions WHERE verdict = '{Verdict}' OR key_b LIKE 'loyalty_id:%'");

    private async Task ExecuteAsync(string sql) => await WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(sql, CancellationToken.None, ("at", Noon));
    });

    private Task DecideAsync(string a, string b, string verdict = Verdict) => ExecuteAsync(
        $"INSERT INTO identity_decisions (tenant_id, verdict, key_a, key_b, decided_at, decided_by, reason) VALUES ('default', '{verdict}', '{a}', '{b}', @at, 'kim', 'because')");

    private static string Id(string person) => $"external_id:{person}";

    private Task<string?> AttributesAsync(string person) => AttributesWhereAsync("external_id = @id", ("id", person));

    private IdentityDesk Desk => Scopes.CreateScope().ServiceProvider.GetRequiredService<IdentityDesk>();

    [TestCase("external_id")]
    [TestCase("email")]
    [TestCase("phone")]
    public async Task Should_send_nothing_for_them_and_everything_for_everybody_else(string kind)
    {
        var address = $"{Unique("m")}@x.test";
        var number = $"+43664{Random.Shared.Next(1000000, 9999999)}";
        await AppendAsync(Profile(People[1], "{}", 1, address) with { OtherKeys = [new PersonKey(KeyKind.Phone, number)] });
        var named = kind switch { "email" => $"email:{address}", "phone" => $"phone:{number}", _ => Id(People[1]) };
        Vendor.BeforeCall = _ => DecideAsync(named, kind == "phone" ? "loyalty_id:7" : named, kind == "phone" ? "merge" : Verdict);
        await DrainAsync();
        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 0,2" }));
        Assert.That((await OutcomeAsync(People[1]), await CountRowsAsync("deliveries", Run)), Is.EqualTo((((string?)null, (string?)null), 1L)), "it is owed, and not settled");
        Assert.That(await CountAsync($"SELECT count(*) FROM deliveries WHERE destination = '{Name}' AND (maybe_sent OR attempt > 0)"), Is.Zero);

        var situation = await ReadAsync(db => Situations.ReadAsync(db, Clock.Now, CancellationToken.None));
        Assert.That(Diagnoser.Explain(situation).Count(verdict => verdict is { Code: DiagnosisCode.IdentityUnreadable, Kind: "identity" }), Is.EqualTo(1));
        Assert.That(Diagnoser.OfRun(situation.Runs.Single(run => run.RunId == Run), situation)!.Code, Is.EqualTo(DiagnosisCode.IdentityUnreadable));

        Vendor.BeforeCall = _ => Task.CompletedTask;
        Clock.Now = Clock.Now.AddMinutes(2);
        await DrainAsync();
        Assert.That(Sent, Has.Count.EqualTo(1), "still not");
        await Read_them_again();
        Clock.Now = Clock.Now.AddMinutes(2);
        await DrainAsync();
        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 0,2", "AddMember 1" }));
        await AssertBalancedAsync(Run);
    }

    [Test]
    public async Task Should_give_them_to_no_vendors_job()
    {
        Options.Bulk = true;
        await DecideAsync(Id(People[1]), Id(People[1]));
        await DrainAsync();
        Assert.That(Vendor.Started.Single().Items.Select(item => item.Key), Is.EquivalentTo(new[] { People[0], People[2] }));
    }

    [Test]
    public async Task Should_take_facts_in_and_leave_who_is_who_as_it_stands()
    {
        var (held, fresh) = ($"{Unique("m")}@x.test", $"{Unique("n")}@x.test");
        await AppendAsync(Profile(People[0], "{}", 1, held));
        await DecideAsync(Id(People[0]), Id(People[1]));
        var taken = await AppendAsync(Profile(People[0], """{"city":"Bonn"}""", 2, fresh), Profile(People[1], """{"city":"Graz"}""", 2, held), Profile(People[2], """{"city":"Wien"}""", 2, $"{Unique("o")}@x.test"));
        Assert.That(taken.Accepted, Is.EqualTo(3));
        Assert.That((await AttributesAsync(People[0]), await AttributesAsync(People[2])), Is.EqualTo(("""{"city":"Bonn"}""", """{"city":"Wien"}""")));
        Assert.That(await TextAsync("SELECT person FROM identity_keys WHERE person_key = @key", ("key", $"email:{held}")), Is.EqualTo(Id(People[0])), "the second claim waits for whoever can read the decision");
        Assert.That(await CountAsync($"SELECT count(*) FROM identity_keys WHERE person_key = 'email:{held}' AND state IS NULL"), Is.EqualTo(1));
        Assert.That((await AppendAsync(Profile(null, "{}", 3, fresh))).Contested, Has.Count.EqualTo(1), "nobody is guessed to have it");

        await Read_them_again();
        await AppendAsync(Profile(null, """{"city":"Linz"}""", 4, fresh), Profile(null, "{}", 4, held));
        Assert.That(await AttributesAsync(People[0]), Is.EqualTo("""{"city":"Linz"}"""));
        Assert.That(await TextAsync("SELECT state FROM identity_keys WHERE person_key = @key", ("key", $"email:{held}")), Is.EqualTo("contested"));
    }

    [Test]
    public async Task Should_not_keep_facts_of_others_waiting_behind_theirs()
    {
        var (held, free) = ($"aaa{Unique("m")}@x.test", $"zzz{Unique("n")}@x.test");
        await AppendAsync(Profile(People[0], "{}", 1, held), Profile(People[1], "{}", 1, free));
        await DecideAsync(Id(People[0]), Id(People[0]));
        foreach (var address in new[] { held, free })
        {
            await ExecuteAsync($"UPDATE identity_keys SET state = NULL WHERE person_key = 'email:{address}'");
            await ExecuteAsync($"INSERT INTO identity_waiting (tenant_id, person_key, quarantine_id) VALUES ('default', 'email:{address}', '{Guid.NewGuid().ToString().ToUpperInvariant()}')");
        }

        var last = (WaitingKey?)null;
        for (var call = 0; call < 2; call++)
        {
            last = await WriteAsync(db => Desk.SettleKeysAsync(db, last, Noon, 1, CancellationToken.None));
        }

        Assert.That(await TextAsync("SELECT state FROM identity_keys WHERE person_key = @key", ("key", $"email:{free}")), Is.EqualTo("held"));
        Assert.That(await CountAsync($"SELECT count(*) FROM identity_keys WHERE person_key = 'email:{held}' AND state IS NULL"), Is.EqualTo(1));
        Assert.That(last = await WriteAsync(db => Desk.SettleKeysAsync(db, last, Noon, 1, CancellationToken.None)), Is.Null, "there are none behind");
        await ExecuteAsync("DELETE FROM identity_waiting");
    }

    [Test]
    public async Task Should_let_nobody_decide_over_it()
    {
        await DecideAsync(Id(People[0]), Id(People[1]));
        var ruling = await ReadAsync(async db =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            return await Desk.DecideAsync(db, new IdentityRuling(IdentityVerdict.Merge, new PersonKey(KeyKind.ExternalId, People[0]), new PersonKey(KeyKind.ExternalId, People[2]), "kim", "because"), Noon, CancellationToken.None);
        });
        Assert.That((ruling.Outcome, ruling.Unreadable.Count), Is.EqualTo((RulingOutcome.Unreadable, 1)));
        var file = await ReadAsync(db => Desk.FindAsync(db, new PersonKey(KeyKind.ExternalId, People[0]), [Name], CancellationToken.None));
        Assert.That((file!.Unreadable, file.Profiles.Count), Is.EqualTo((ruling.Unreadable, 1)));
    }

    [Test]
    public async Task Should_let_a_key_join_nobody_that_stands_as_this_version_does_not_know()
    {
        var address = $"{Unique("m")}@x.test";
        await AppendAsync(Profile(People[0], "{}", 1, address));
        await ExecuteAsync($"UPDATE identity_keys SET state = 'frozen' WHERE person_key = 'email:{address}'");
        Assert.That((await AppendAsync(Profile(null, "{}", 2, address))).Contested, Has.Count.EqualTo(1));
        Assert.That(await TextAsync("SELECT state FROM identity_keys WHERE person_key = @key", ("key", $"email:{address}")), Is.EqualTo("frozen"), "it is not written over");
    }

    [Test]
    public async Task Should_leave_an_operation_alone_that_it_does_not_know()
    {
        await ExecuteAsync($"UPDATE deliveries SET operation = 99 WHERE destination = '{Name}' AND delivery_id = (SELECT min(delivery_id) FROM deliveries WHERE destination = '{Name}')");
        await DrainAsync();
        Assert.That((Sent.Count, await CountRowsAsync("deliveries", Run)), Is.EqualTo((1, 1L)));
        Assert.That(await ReadAsync(db => Deliveries.FindWorkAsync(db, Run, Clock.Now, CancellationToken.None)), Is.Empty, "nobody rings for it");
        var situation = await ReadAsync(db => Situations.ReadAsync(db, Clock.Now, [Run], CancellationToken.None));
        Assert.That(Diagnoser.OfRun(situation.Runs.Single(), situation)!.Code, Is.EqualTo(DiagnosisCode.WorkUnreadable));
    }

    [Test]
    public async Task Should_send_everybody_beside_a_vendors_job_that_it_does_not_know()
    {
        Options.Bulk = true;
        await DrainAsync();
        Assert.That(Vendor.Started, Has.Count.EqualTo(1));
        await ExecuteAsync($"UPDATE bulk_jobs SET operation = 99 WHERE destination = '{Name}'");
        await ExecuteAsync($"UPDATE deliveries SET operation = 99 WHERE destination = '{Name}' AND delivery_id = (SELECT min(delivery_id) FROM deliveries WHERE destination = '{Name}')");
        await DrainAsync();
        Assert.That((Sent, Vendor.Started.Count, await CountRowsAsync("deliveries", Run)), Is.EqualTo(((IReadOnlyList<string>)["AddMember 1,2"], 1, 1L)));
        Assert.That(await CountAsync($"SELECT count(*) FROM bulk_jobs WHERE destination = '{Name}'"), Is.EqualTo(1), "it stays for a hub that knows it");
    }

    [Test]
    public async Task Should_find_them_by_their_indexes()
    {
        var isSqlite = await ReadAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            return session.IsSqlite;
        });
        var catalog = isSqlite ? "SELECT sql FROM sqlite_master WHERE name = @name" : "SELECT indexdef FROM pg_indexes WHERE indexname = @name";
        foreach (var name in new[] { "ix_identity_decisions_unreadable_a", "ix_identity_decisions_unreadable_b" })
        {
            var index = await TextAsync(catalog, ("name", name));
            Assert.That(IdentityDecision.Words.Concat(PersonKey.Words).Where(word => !index!.Contains(word, StringComparison.Ordinal)), Is.Empty, "who adds a word makes the indexes anew");
        }

        Assert.That(Enum.GetValues<Operation>().Select(operation => operation.ToCode()), Is.All.InRange(1, 10).And.Exactly(10).Items);
    }
}
