using System.Text.Json;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>What is erased stays erased, and nothing of it is left: a person with a word of their own in every place that a person can have.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_person_is_erased(StorageDatabase database) : StorageFixture(database)
{
    private const string Audience = "members";

    private T Service<T>()
        where T : notnull => Scopes.CreateScope().ServiceProvider.GetRequiredService<T>();

    [Test]
    public async Task Should_not_be_taken_in_again_by_an_address_under_another_id()
    {
        var (id, other, email) = (Unique("gone"), Unique("new"), $"{Unique("canary")}@example.org");
        await AppendAsync(Profile(id, """{"city":"Bern"}""", email: email));
        await EraseAsync(new PersonKey(KeyKind.ExternalId, id));

        var result = await AppendAsync(Profile(other, """{"city":"Bern"}""", minute: 5, email: email), Profile(id, "{}", minute: 6), Consent(null, "denied", 7, email), Profile(Unique("somebody"), "{}"));

        Assert.Multiple(async () =>
        {
            Assert.That(result.Erased, Has.Count.EqualTo(3));
            Assert.That(result.Accepted, Is.EqualTo(1));
            Assert.That(await CountAsync($"SELECT count(*) FROM profiles WHERE external_id = '{other}' OR email_key = '{email}'"), Is.Zero);
            Assert.That(await CountAsync("SELECT sum(count) FROM erased_facts"), Is.GreaterThanOrEqualTo(3));
        });
    }

    [Test]
    public void Should_be_looked_for_wherever_either_of_two_looks_found_them()
    {
        var one = new ErasurePerson { Keys = [new PersonKey(KeyKind.ExternalId, "1")], ProfileIds = [1], RemoteIds = new Dictionary<string, IReadOnlyList<string>>(), Destinations = ["braze"] };
        Assert.That(one.Join(one with { Destinations = ["hubspot"] }).Destinations, Is.EqualTo(new[] { "braze", "hubspot" }));
    }

    [Test]
    public async Task Should_leave_an_address_to_whoever_claims_it_too_and_say_so()
    {
        var (id, other, email) = (Unique("gone"), Unique("stays"), $"{Unique("family")}@example.org");
        await AppendAsync(Profile(id, "{}", email: email), Profile(other, "{}", minute: 1, email: email));
        var person = await ReadAsync(db => Service<PersonSearch>().FindAsync(db, new PersonKey(KeyKind.ExternalId, id), CancellationToken.None));
        Assert.That(person!.Shared, Is.EqualTo(new[] { new PersonKey(KeyKind.Email, email) }));
        Assert.That(person.Keys, Is.EqualTo(new[] { new PersonKey(KeyKind.ExternalId, id) }));

        var request = await EraseAsync(new PersonKey(KeyKind.ExternalId, id));

        Assert.That(await ReadAsync(db => ErasureCounts.LoadAsync(db, request, CancellationToken.None)), Contains.Key(ErasureCounts.SharedKeys).WithValue(1L));
        Assert.That((await AppendAsync(Profile(other, """{"city":"Bern"}""", minute: 5, email: email))).Accepted, Is.EqualTo(1), "the other one is nobody who was erased");
    }

    [TestCase(IdentityVerdict.Assign)]
    [TestCase(IdentityVerdict.Block)]
    public async Task Should_leave_nobody_to_be_sent_who_may_be_the_person_until_somebody_decides(IdentityVerdict verdict)
    {
        var (id, other, email) = (Unique("gone"), Unique("stays"), $"{Unique("family")}@example.org");
        await AppendAsync(Profile(id, "{}", email: email), Profile(other, "{}", minute: 1, email: email), Consent(other, "granted", 2));
        var request = await EraseAsync(new PersonKey(KeyKind.ExternalId, id));
        Assert.That(await SuppressionOfAsync(other), Is.EqualTo(ConsentWord.Denied));
        Assert.That(await ReadAsync(db => ErasureCounts.LoadAsync(db, request, CancellationToken.None)), Contains.Key(ErasureCounts.UndecidedKeys).WithValue(1L));
        await AppendAsync(Consent(other, "granted", 5), Profile(other, """{"city":"Bern"}""", 6, $"{Unique("new")}@example.org"));
        Assert.That(await SuppressionOfAsync(other), Is.EqualTo(ConsentWord.Denied), "a grant says nothing about who it is");

        await WriteAsync(db => Service<IdentityDesk>().DecideAsync(
            db, new IdentityRuling(verdict, new PersonKey(KeyKind.Email, email), verdict == IdentityVerdict.Assign ? new PersonKey(KeyKind.ExternalId, other) : null, "kim", "because"), DateTimeOffset.UtcNow, CancellationToken.None));
        Assert.That(await SuppressionOfAsync(other), Is.Not.EqualTo(ConsentWord.Denied));
    }

    [TestCase(IdentityVerdict.Block)]
    [TestCase(IdentityVerdict.Unblock)]
    [TestCase(IdentityVerdict.Assign)]
    public async Task Should_stand_in_no_decision_that_somebody_takes_later(IdentityVerdict verdict)
    {
        var (id, other, email) = (Unique("gone"), Unique("stays"), $"{Unique("gone")}@example.org");
        await AppendAsync(Profile(id, "{}", email: email), Profile(other, "{}"));
        await EraseAsync(new PersonKey(KeyKind.ExternalId, id));

        var ruling = new IdentityRuling(verdict, new PersonKey(KeyKind.Email, email), verdict == IdentityVerdict.Assign ? new PersonKey(KeyKind.ExternalId, other) : null, "kim", "because");
        var result = await WriteAsync(db => Service<IdentityDesk>().DecideAsync(db, ruling, DateTimeOffset.UtcNow, CancellationToken.None));

        Assert.That((result.Outcome, await CountAsync($"SELECT count(*) FROM identity_decisions WHERE key_a LIKE '%{email}%' OR key_b LIKE '%{email}%'")), Is.EqualTo((RulingOutcome.Erased, 0)));
    }

    [Test]
    public async Task Should_hold_nobody_back_for_a_key_that_is_known_to_be_everybodys()
    {
        var (id, email) = (Unique("gone"), $"{Unique("info")}@example.org");
        string[] others = [.. Enumerable.Range(0, 7).Select(_ => Unique("o"))];
        await AppendAsync([Profile(id, "{}", email: email), .. others.Select(other => Profile(other, "{}", email: email))]);
        await EraseAsync(new PersonKey(KeyKind.ExternalId, id));
        Assert.That(await Task.WhenAll(others.Select(SuppressionOfAsync)), Is.All.Null, "more people had it than one address can be a person's");
    }

    private async Task<string?> SuppressionOfAsync(string externalId)
    {
        var consent = await TextAsync("SELECT consent FROM profiles WHERE external_id = @id", ("id", externalId));
        return StoredConsent.Read(consent!).TryGetValue(Suppression.PurposeOf(Suppression.ErasureUndecided), out var state) ? state.Status : null;
    }

    [Test]
    public async Task Should_not_be_taken_in_again_by_a_list_that_was_loaded_before()
    {
        var (id, other) = (Unique("listed"), Unique("other"));
        await AppendAsync(Profile(id, "{}"));
        var snapshot = await LoadAsync(Unique("aud"), "full", 1, new StagedMember(2, id, null, null, "{}", true), new StagedMember(3, other, null, null, "{}", true));
        await EraseAsync(new PersonKey(KeyKind.ExternalId, id));
        await ApplyAsync(snapshot, chunk: 1);

        Assert.Multiple(async () =>
        {
            Assert.That(await CountAsync($"SELECT count(*) FROM profiles WHERE external_id = '{id}'"), Is.Zero);
            Assert.That(await CountAsync($"SELECT count(*) FROM profiles p JOIN memberships m ON m.profile_id = p.profile_id WHERE p.external_id = '{other}' AND m.is_member"), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Should_leave_no_delivery_of_a_run_pending_and_its_books_in_balance()
    {
        var (audience, id, other) = (Unique("aud"), Unique("owed"), Unique("stays"));
        await ApplyAsync(audience, "full", 0, id, other);
        var run = await StartRunAsync(audience);
        await PlanAsync(run, audience);
        await EraseAsync(new PersonKey(KeyKind.ExternalId, id));

        Assert.That(await CountAsync($"SELECT count(*) FROM deliveries d JOIN profiles p ON p.profile_id = d.profile_id WHERE p.external_id = '{other}'"), Is.EqualTo(1));
        Assert.That(await CountRowsAsync("deliveries", run), Is.EqualTo(1));
        Assert.That(await CountAsync("SELECT count(*) FROM outcomes WHERE outcome = 'suppressed' AND code = 'erased'"), Is.GreaterThanOrEqualTo(1));
        await DeliverAllAsync();
        await AssertBalancedAsync(run);
    }

    [Test]
    public async Task Should_end_the_replay_of_a_letter_about_the_person()
    {
        var (id, destination) = (Unique("letter"), Unique("dest"));
        await AppendAsync(Profile(id, "{}"));
        await RunAsync($"INSERT INTO dead_letters (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at, status) SELECT {Id()}, '{destination}', '', profile_id, 1, 'rejected', 'c', 1, {Now()}, 'replaying' FROM profiles WHERE external_id = '{id}'");
        await RunAsync($"INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, created_at, letter_id) SELECT {Id()}, '{destination}', 'bulk', 0, 1, profile_id, '', {Now()}, {Now()}, dead_letter_id FROM dead_letters WHERE destination = '{destination}'");
        await EraseAsync(new PersonKey(KeyKind.ExternalId, id));

        Assert.That(await CountAsync($"SELECT count(*) FROM deliveries WHERE destination = '{destination}'"), Is.Zero);
        Assert.That(await CountAsync($"SELECT count(*) FROM dead_letters WHERE destination = '{destination}' AND status = 'suppressed' AND result_code = 'erased' AND settled_at IS NOT NULL"), Is.EqualTo(1), "else its action never ends");
    }

    [Test]
    public async Task Should_tell_whoever_is_about_to_send_that_nothing_may_leave()
    {
        var (audience, id) = (Unique("aud"), Unique("underway"));
        await ApplyAsync(audience, "full", 0, id);
        var run = await StartRunAsync(audience);
        await PlanAsync(run, audience);
        var claim = await ClaimAsync(await LeaseAsync());
        var mine = claim.Single(delivery => delivery.RunId == run);
        await EraseAsync(new PersonKey(KeyKind.ExternalId, id));

        var moved = await ReadAsync(db => Deliveries.FindMovedAsync(db, [mine], CancellationToken.None));
        Assert.That(StoredConsent.IsErased(moved[mine.ProfileId].ConsentJson!), Is.True);
    }

    [Test]
    public async Task Should_go_on_erased_when_others_who_share_a_key_are_decided_about()
    {
        var (id, other, shared) = (Unique("gone"), Unique("kin"), $"{Unique("home")}@example.org");
        await AppendAsync(Profile(id, "{}", email: shared), Profile(other, "{}", 1, shared));
        await EraseAsync(new PersonKey(KeyKind.ExternalId, id));
        await AppendAsync(Consent(other, "denied", 3, shared), Profile(other, """{"city":"Ulm"}""", 4, shared));

        Assert.Multiple(async () =>
        {
            Assert.That(await CountAsync($"SELECT count(*) FROM profiles WHERE external_id = '{other}'"), Is.EqualTo(1), "whoever shares an address is somebody else");
            Assert.That(await CountAsync($"SELECT count(*) FROM identity_claims WHERE key_a = 'external_id:{id}'"), Is.Zero);
        });
    }

    [Test]
    public async Task Should_come_back_by_a_grant_of_their_own_and_only_when_somebody_agreed()
    {
        var id = Unique("back");
        await AppendAsync(Profile(id, "{}"));
        var request = await EraseAsync(new PersonKey(KeyKind.ExternalId, id));

        Assert.That((await AppendAsync(Consent(id, "granted", 60 * 24 * 400))).Erased, Has.Count.EqualTo(1), "nobody agreed");
        await WriteAsync(db => Tombstones.AllowReturnAsync(db, request, DateTimeOffset.UtcNow, CancellationToken.None));
        Assert.That((await AppendAsync(Profile(id, "{}", 60 * 24 * 400))).Erased, Has.Count.EqualTo(1), "the person did not grant");
        Assert.That((await AppendAsync(Consent(id, "granted", -60 * 24 * 400))).Erased, Has.Count.EqualTo(1), "granted before the erasure");
        Assert.That((await AppendAsync(Consent(id, "granted", 60 * 24 * 400))).Erased, Is.Empty);
        Assert.That((await AppendAsync(Profile(id, "{}", 60 * 24 * 400))).Erased, Is.Empty);
    }

    [Test]
    public async Task Should_be_found_nowhere_in_the_database_afterwards()
    {
        var word = $"canary{Guid.NewGuid():N}"[..18];
        var (id, email, device) = ($"{word}-id", $"{word}@example.org", $"{word}-device");
        await AppendAsync(
            Profile(id, $$"""{"nick":"{{word}}"}""", email: email) with { OtherKeys = [new PersonKey(KeyKind.AnonymousId, device)], BodyJson = $$"""{"subject":{"external_id":"{{id}}","email":"{{email}}" } }""" },
            Consent(id, "granted", 1, email) with { BodyJson = $$"""{"subject":{"email":"{{email}}" } }""" },
            Consent(null, "denied", 2, email) with { BodyJson = $$"""{"subject":{"email":"{{word.ToUpperInvariant()}}@example.org" } }""" },
            Membership(id, Audience, isMember: true, 3) with { BodyJson = $$"""{"subject":{"external_id":"{{id}}" } }""" });
        var rest = new Dictionary<string, string>
        {
            ["quarantined_facts"] = $"INSERT INTO quarantined_facts (quarantine_id, received_at, path, code, problem, body) VALUES ({Id()}, {Now()}, '', 'x', 'x', {Bytes($$"""{"subject":{"email":"{{word.ToUpperInvariant()}}@example.org" } }""")})",
            ["webhook_receipts"] = $"INSERT INTO webhook_receipts (receipt_id, source, idempotency_key, received_at, state, headers, size, body) VALUES ({Id()}, 's', 'k', {Now()}, 'done', '{{}}', 1, {Bytes($$"""[{"email":"{{word}}\u0040example.org"}]""")})",
            ["snapshot_rows"] = $"INSERT INTO snapshot_rows (snapshot_id, line, external_id, email, attributes, is_member) VALUES ({Id()}, 1, '{id}', '{email}', '{{}}', {Yes()})",
            ["snapshot_rejects"] = $"INSERT INTO snapshot_rejects (snapshot_id, line, field, code, problem, external_ids) VALUES ({Id()}, 1, 'f', 'c', 'p', '[\"{id}\"]')",
            ["verification_members"] = $"INSERT INTO verification_members (run_id, round, remote_id, key) VALUES ({Id()}, 1, NULL, '{email}')",
            ["read_back_findings"] = $"INSERT INTO read_back_findings (run_id, kind, key) VALUES ({Id()}, 'missing', '{id}')",
            ["consent_ends"] = $"INSERT INTO consent_ends (purpose, life, decided_at, subject_key) VALUES ('p', 'l', {Now()}, 'email:{email}')",
            ["identity_proposals"] = $"INSERT INTO identity_proposals (event_id, tenant_id, key_stays, key_gone, producer, occurred_at) VALUES ({Id()}, 'default', 'external_id:{id}', 'external_id:x', 'p', {Now()})",
            ["identity_decisions"] = $"INSERT INTO identity_decisions (tenant_id, verdict, key_a, key_b, decided_at, decided_by, reason, before) VALUES ('default', 'unblock', 'email:{email}', 'email:{email}', {Now()}, 'b', 'r', '{word}')",
            ["former_keys"] = $"INSERT INTO former_keys (tenant_id, subject_key, profile_id, until) VALUES ('default', 'email:{email}', 1, {Now()})",
            ["destination_profiles"] = $"INSERT INTO destination_profiles (destination, profile_id, remote_id) SELECT 'braze', profile_id, 'remote-{word}' FROM profiles WHERE external_id = '{id}'",
            ["written_fields"] = $"INSERT INTO written_fields (destination, profile_id, field, offered_hash) SELECT 'braze', profile_id, 'nick', '{word}' FROM profiles WHERE external_id = '{id}'",
            ["deliveries"] = $"INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, created_at, named_key) VALUES ({Id()}, 'braze', 'urgent', 0, 6, -1, '', {Now()}, {Now()}, '{word.ToUpperInvariant()}@example.org')",
            ["dead_letters"] = $"INSERT INTO dead_letters (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at, named_key) VALUES ({Id()}, 'braze', '', -1, 9, 'rejected', 'c', 1, {Now()}, 'anonymous_id:{device}')",
            ["letter_versions"] =
                $$"""
                INSERT INTO dead_letters (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at) SELECT {{Id()}}, '{{word[..6]}}', '', profile_id, 1, 'rejected', 'c', 1, {{Now()}} FROM profiles WHERE external_id = '{{id}}';
                INSERT INTO letter_versions (letter_id, version, changes, changed_by, at) SELECT dead_letter_id, 2, '{"nick":"{{word}}"}', 'b', {{Now()}} FROM dead_letters WHERE destination = '{{word[..6]}}'
                """,
            ["before_images"] =
                $$"""
                INSERT INTO before_images (run_id, destination, profile_id, existed, fields, after_hash, taken_at)
                SELECT {{Id()}}, 'braze', profile_id, {{Yes()}}, '{"nick":"{{word}}"}', '{}', {{Now()}} FROM profiles WHERE external_id = '{{id}}'
                """,
            ["reconciliation_findings"] = $"INSERT INTO reconciliation_findings (run_id, kind, key) VALUES ({Id()}, 'unexpected', '{word.ToUpperInvariant()}@example.org')",
            ["identity_parts"] = $"INSERT INTO identity_parts (tenant_id, part_key, person_key, attributes, attributes_at, occurred_at) VALUES ('default', 'email:{email}', 'email:{email}', '{{}}', '{{}}', 0)",
            ["identity_waiting"] = $"INSERT INTO identity_waiting (tenant_id, person_key, quarantine_id) VALUES ('default', 'email:{email}', {Id()})",
            ["shadow_statements"] = $"INSERT INTO shadow_statements (source, kind, name, subject_key, value, stated_at) VALUES ('s', 'key', 'email', 'external_id:elsewhere', '\"{word.ToUpperInvariant()}@example.org\"', 0)",
            ["bulk_job_rows"] = $"INSERT INTO bulk_job_rows (job_id, delivery_id, profile_version, profile_id, key) SELECT 1, 1, 1, profile_id, '{email}' FROM profiles WHERE external_id = '{id}'",
        };
        foreach (var sql in rest.Values)
        {
            await RunAsync(sql);
        }

        var before = await FindAsync(word);
        string[] canaries = [.. rest.Keys, "facts", "profiles", "consents", "consent_history", "identity_claims", "identity_keys"];
        Assert.That(canaries.Except(before), Is.Empty, "the canary is everywhere before");
        var holders = (await ColumnsAsync()).Where(column => HoldsText(column.Type)).Select(column => column.Table).ToHashSet();
        Assert.Multiple(() =>
        {
            Assert.That(holders, Has.Count.GreaterThan(80), "the look itself");
            Assert.That(holders.Except(canaries).Except(WhereNobodyStands.Reasons.Keys), Is.Empty, "tables with text of which nobody said whether a person can stand there: give the canary a row here and the table its place in OwnTable, or say in WhereNobodyStands why not");
            Assert.That(canaries.Intersect(WhereNobodyStands.Reasons.Keys), Is.Empty, "a person stands there after all");
        });

        await AssertExportedAsync(new PersonKey(KeyKind.Email, email), word, canaries);
        var request = await EraseAsync(new PersonKey(KeyKind.Email, email));
        await using (var scope = Scopes.CreateAsyncScope())
        {
            await Service<PersonErasure>().EraseOwnAsync(scope.ServiceProvider.GetRequiredService<HubDbContext>(), request, Noon, CancellationToken.None);
        }

        Assert.That(await FindAsync(word), Is.Empty);
        Assert.That(await CountAsync("SELECT count(*) FROM erasure_subjects"), Is.GreaterThanOrEqualTo(1), "kept sealed for the later looks");
    }

    /// <summary>What the hub has of the person stands in an access export, table by table, or beside the table stands why it does not.</summary>
    private async Task AssertExportedAsync(PersonKey key, string word, string[] canaries)
    {
        using var body = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(body))
        {
            await ReadAsync(async db =>
            {
                await PersonExport.WriteAsync(db, (await Service<PersonSearch>().FindAsync(db, key, CancellationToken.None))!, writer, () => Task.CompletedTask, () => Task.CompletedTask, CancellationToken.None);
                return true;
            });
        }

        using var export = JsonDocument.Parse(body.ToArray());
        string[] shown = [.. export.RootElement.EnumerateObject().SelectMany(table => table.NameEquals("bodies") ? table.Value.EnumerateObject() : Enumerable.Repeat(table, 1)).Where(table => table.Value.GetArrayLength() > 0).Select(table => table.Name).Distinct()];
        string[] notShown = [.. OwnTable.All.Where(table => !table.IsShown).Select(table => table.Name), "deliveries"];
        Assert.Multiple(() =>
        {
            Assert.That(canaries.Except(shown).Except(notShown), Is.Empty, "the person stands there, and the export does not show it: let OwnTable show the rows, or say in NotShown why not");
            Assert.That(OwnTable.All.Select(table => table.NotShown).Append(ErasedDeliveries.NotShown), Is.All.Null.Or.Not.Empty);
            Assert.That(export.RootElement.ToString(), Does.Contain($"remote-{word}").And.Contain($"{word}-device"), "the look itself");
        });
    }

    [Test]
    public async Task Should_be_forgotten_by_a_version_that_does_not_know_the_kind_of_one_of_their_keys()
    {
        var (id, other, kind) = (Unique("gone"), Unique("stays"), $"loyalty_id:{Guid.NewGuid():N}");
        await AppendAsync(Profile(id, "{}"), Profile(other, "{}"));
        foreach (var profile in new[] { id, other })
        {
            await RunAsync($"INSERT INTO former_keys (tenant_id, subject_key, profile_id, until) SELECT 'default', '{kind}', profile_id, {Now()} FROM profiles WHERE external_id = '{profile}'");
        }

        await RunAsync($"INSERT INTO consents (tenant_id, subject_key, purpose, status, source, decided_at) VALUES ('default', '{kind}', 'suppression:{Suppression.ErasureUndecided}', 'denied', 's', {Now()})");
        await EraseAsync(new PersonKey(KeyKind.ExternalId, id));
        Assert.Multiple(async () =>
        {
            Assert.That(await CountAsync($"SELECT count(*) FROM profiles WHERE external_id = '{id}'"), Is.Zero);
            Assert.That(await CountAsync($"SELECT count(*) FROM former_keys WHERE subject_key = '{kind}'"), Is.EqualTo(1), "the other one's");
            Assert.That(await ReadAsync(db => UndecidedKeys.ListAsync(db, 10, CancellationToken.None)), Has.None.Matches<(PersonKey Key, IReadOnlyList<PersonKey>)>(one => one.Key.ToString().Contains(kind, StringComparison.Ordinal)));
        });
    }

    [Test]
    public void Should_keep_sealed_what_only_a_newer_version_can_read()
    {
        var sealedByNewer = """{"Keys":["external_id:1","loyalty_id:7"],"ProfileIds":[1],"RemoteIds":{},"Destinations":[],"Shared":["email:a@x.test","loyalty_id:8"],"Contested":["loyalty_id:8"]}"""u8.ToArray();
        var person = ErasurePerson.Read(ErasurePerson.Read(ErasurePerson.Read(sealedByNewer).ToBytes()).Join(ErasurePerson.Read(sealedByNewer)).ToBytes());
        Assert.Multiple(() =>
        {
            Assert.That(person.Keys, Is.EqualTo(new[] { new PersonKey(KeyKind.ExternalId, "1") }));
            Assert.That(person.UnreadKeys, Is.EqualTo(new[] { "loyalty_id:7" }));
            Assert.That(person.SubjectKeys, Is.EquivalentTo(new[] { "id:1", "loyalty_id:7" }), "what stands under it goes all the same");
            Assert.That(person.Shared, Is.EqualTo(new[] { new PersonKey(KeyKind.Email, "a@x.test") }));
        });
    }

    /// <summary>Asks for an erasure and accepts it.</summary>
    private async Task<Guid> EraseAsync(PersonKey key)
    {
        var request = Guid.NewGuid();
        var person = await ReadAsync(db => Service<PersonSearch>().FindAsync(db, key, CancellationToken.None));
        Assert.That(person, Is.Not.Null);
        await WriteAsync(db => Service<SealedPeople>().KeepAsync(db, request, person!, CancellationToken.None));
        await WriteAsync(db => Service<PersonErasure>().SuppressAsync(db, request, "erasure", Noon, CancellationToken.None));
        return request;
    }

    /// <summary>Every table, whoever makes it, that holds a word in a column of any kind.</summary>
    private Task<List<string>> FindAsync(string word) => ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        var columns = await ColumnsAsync(session);
        Assert.That(columns, Has.Count.GreaterThan(150), "the look itself");
        var found = new List<string>();
        foreach (var table in columns.GroupBy(column => column.Table))
        {
            var texts = table.Select(column => IsPostgres
                ? $"""lower(CASE WHEN pg_typeof("{column.Column}") = 'bytea'::regtype THEN convert_from(decode(replace(CAST("{column.Column}" AS text), '\x', ''), 'hex'), 'UTF8') ELSE CAST("{column.Column}" AS text) END) LIKE @word"""
                : $"""lower(CAST("{column.Column}" AS TEXT)) LIKE @word""");
            if (table.Key is not ("erasure_subjects" or "__EFMigrationsHistory") && await session.ScalarAsync($"""SELECT 1 FROM "{table.Key}" WHERE {string.Join(" OR ", texts)} LIMIT 1""", CancellationToken.None, ("word", $"%{word}%")) is not null)
            {
                found.Add(table.Key);
            }
        }

        return found;
    });

    private Task<List<(string Table, string Column, string Type)>> ColumnsAsync() => ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return await ColumnsAsync(session);
    });

    /// <summary>Columns of all tables; partitions are parts of theirs.</summary>
    private Task<List<(string Table, string Column, string Type)>> ColumnsAsync(DbSession session) => session.ReadAsync(
        IsPostgres
            ? """
              SELECT CAST(c.relname AS text), CAST(a.attname AS text), format_type(a.atttypid, NULL) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
              WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
              """
            : "SELECT m.name, p.name, p.type FROM sqlite_schema m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
        row => (row.GetString(0), row.GetString(1), row.GetString(2)), CancellationToken.None);

    /// <summary>A type that nobody thought of holds text. SQLite keeps ids as text.</summary>
    private static bool HoldsText(string type) => type.ToUpperInvariant() is not ("BIGINT" or "INTEGER" or "SMALLINT" or "BOOLEAN" or "UUID" or "TIMESTAMP WITH TIME ZONE" or "DOUBLE PRECISION" or "REAL" or "NUMERIC" or "BIGINT[]");

    private Task RunAsync(string sql) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        Assert.That(await session.ExecuteAsync(sql, CancellationToken.None), Is.GreaterThan(0), sql);
    });

    private string Id() => IsPostgres ? $"'{Guid.NewGuid()}'" : $"'{Guid.NewGuid().ToString().ToUpperInvariant()}'";

    private string Now() => IsPostgres ? "now()" : "638000000000000000";

    private string Yes() => IsPostgres ? "true" : "1";

    private string Bytes(string text) => IsPostgres ? $"convert_to('{text}', 'UTF8')" : $"CAST('{text}' AS BLOB)";
}
