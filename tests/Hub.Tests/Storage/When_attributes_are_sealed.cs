using System.Text.Json;
using IntegrationHub.Hub.Encryption;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Schedules;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Plans;
using IntegrationHub.Storage.Sealing;
using IntegrationHub.Storage.Shadows;
using IntegrationHub.Storage.Standings;
using IntegrationHub.TestServers;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>What people are like is for nobody who reads the database alone, and for every hub that has the key it is merged, planned and compared as if it stood in clear; before, while and after a key is changed.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_attributes_are_sealed(StorageDatabase database) : DeliveryFixture(database)
{
    private static readonly SealingKey _first = SealingKey.Random("first");
    private static readonly SealingKey _second = SealingKey.Random("second");
    private static readonly TombstoneSecrets _tombstones = new([TombstoneSecret.Random()]);
    private static readonly IReadOnlyList<SealedColumn> _columns = [.. SealedColumn.All.Where(column => column.IsOfProfiles)];
    private readonly List<ServiceProvider> _hubs = [];
    private string _one = null!;
    private string _two = null!;
    private string _audience = null!;
    private string _word = null!;

    [SetUp]
    public async Task Begin_with_nothing()
    {
        (_one, _two, _audience, _word) = (Unique("one"), Unique("two"), Unique("aud"), Unique("canary"));
        foreach (var table in _columns.Select(column => column.Table).Append("sealing_keys").Append("facts").Append("fact_ids").Append("memberships"))
        {
            await ExecuteAsync($"DELETE FROM {table}");
        }
    }

    [TearDown]
    public async Task End_the_hubs()
    {
        foreach (var hub in _hubs)
        {
            await hub.DisposeAsync();
        }

        _hubs.Clear();
    }

    /// <summary>Everywhere is looked, not only where it is expected; and what is not sealed is found there by the same look.</summary>
    [Test]
    public async Task Should_be_found_in_no_column_of_any_table()
    {
        await StateAsync(Hub("first", _first));
        Assert.That(await FoundAsync(), Is.Empty);
        await AssertSealedAsync("first");

        await WorkAsync(Bodies("first", _first));
        Assert.That((await FoundAsync()).Select(line => line.Split(':')[0].Split('.')[^1].Trim('"')), Is.EquivalentTo(_columns.Select(column => column.Table)), "not sealed any more, and nowhere else");
    }

    [Test]
    public async Task Should_be_sealed_sealed_anew_and_opened_again_while_they_stay_readable()
    {
        var plain = Hub(null);
        await StateAsync(plain);
        var before = await ReadAsync(plain);
        var clear = await StoredAsync();
        Assert.That(before, Has.Count.EqualTo(8).And.All.Contains(_word));

        Assert.That(await WorkAsync(Bodies("first", _first)), Does.Contain("but for attributes of profiles"));
        Assert.That(await StoredAsync(), Is.EqualTo(clear), "bodies alone");
        var seals = Hub("first", _first);
        Assert.That(await ReadAsync(seals), Is.EqualTo(before));
        Assert.That(await WorkAsync(seals), Does.Contain("and so are attributes of profiles"));
        await AssertSealedAsync("first");
        Assert.That(await WorkAsync(seals), Does.StartWith("0 values"));
        Assert.That(await ReadAsync(seals), Is.EqualTo(before));
        Assert.That(await ReadAsync(Bodies("first", _first)), Is.EqualTo(before), "a hub that is not told so reads them all the same");

        var changes = Hub("second", _second, _first);
        await WorkAsync(changes);
        await AssertSealedAsync("second");
        Assert.That(await ReadAsync(changes), Is.EqualTo(before));
        Clock.Now += TimeSpan.FromHours(1);
        Assert.That(await WorkAsync(changes), Does.Contain("No earlier key"));
        Assert.That(await ReadAsync(Hub("second", _second)), Is.EqualTo(before), "without the key that was taken away");

        Assert.That(await WorkAsync(Hub(null, _second)), Does.Contain("All in clear"));
        Assert.That((await StoredAsync(), await ReadAsync(Hub(null))), Is.EqualTo((clear, before)), "off again, letter by letter");
    }

    /// <summary>The job goes on from part to part, whatever of it stands as it should by then.</summary>
    [Test]
    public async Task Should_be_sealed_anew_however_many_they_are()
    {
        var plain = Hub(null);
        string[] people = [.. Enumerable.Range(0, (2 * SealingPass.Most) + 7).Select(i => $"{_one}-{i}")];
        await AppendAsync(plain, [.. people.Select((id, i) => Profile(id, $$"""{"note":"{{_word}} {{i}}"}"""))]);
        var seals = Hub("first", _first);
        Assert.That(await WorkAsync(seals), Does.StartWith("1,007 values"));
        Assert.That(await FoundAsync(), Is.Empty);
        Assert.That(await CountAsync("SELECT count(*) FROM profiles WHERE attributes LIKE 'sealed:1:first:%'"), Is.EqualTo(people.Length));
        Assert.That(await WorkAsync(Hub("second", _second, _first)), Does.StartWith("1,007 values"));
        Assert.That(await ValueAsync(Hub("second", _second), people[^1], "note"), Is.EqualTo($"{_word} {people.Length - 1}"));
    }

    [Test]
    public async Task Should_be_merged_decided_and_planned_as_if_they_stood_in_clear([Values] bool isSealed)
    {
        var hub = isSealed ? Hub("first", _first) : Hub(null);
        await AppendAsync(hub, Profile(_one, """{"city":"Bonn","tier":"gold","country":"DE"}""", 1), Membership(_one, _audience, true), Consent(_one, ConsentWord.Granted, 1));
        await AppendAsync(hub, Profile(_one, """{"tier":"silver"}""", 3), Profile(_one, """{"city":"Kiel","tier":"late"}""", 2), Profile(_one, """{"country":"US","state":"CA"}""", 4));
        await AppendAsync(hub, Profile(_one, """{"tier":"silver"}""", 5));
        var planned = (await CandidatesAsync(hub)).Single();
        Assert.Multiple(() =>
        {
            Assert.That(Sorted(planned.AttributesJson!), Is.EqualTo("""{"city":"Kiel","country":"US","state":"CA","tier":"silver"}"""));
            Assert.That(StoredConsent.PlaceOf(System.Text.Encoding.UTF8.GetBytes(planned.ConsentJson)), Is.EqualTo(new StoredPlace("US", "CA")), "by where somebody lives is decided");
            Assert.That(planned.ProfileVersion, Is.EqualTo(2), "what says the same again changes nothing");
        });
    }

    [Test]
    public async Task Should_close_a_hub_that_lacks_the_key()
    {
        await StateAsync(Hub("first", _first));
        var lacking = Hub("second", _second);
        foreach (var hub in new[] { lacking, Hub(null) })
        {
            Assert.Multiple(() =>
            {
                Assert.That(() => StartAsync(hub), Missing());
                Assert.That(() => CandidatesAsync(hub), Missing());
                Assert.That(() => AppendAsync(hub, Profile(_one, """{"tier":"silver"}""", 9)), Missing(), "what is there is neither read as nothing nor written over");
                Assert.That(() => ApplyAsync(hub), Missing());
                Assert.That(() => OnAsync(hub, db => ShadowBook.NextAsync(db, "shadow", "", 10, CancellationToken.None)), Missing());
            });
        }

        Assert.That(() => WorkAsync(lacking), Throws.TypeOf<HubJobException>().With.Message.Contains("'first'"));
        await AssertSealedAsync("first");
    }

    [Test]
    public async Task Should_open_in_no_other_row()
    {
        var hub = Hub("first", _first);
        await StateAsync(hub);
        foreach (var column in _columns)
        {
            var row = string.Join(" || ' ' || ", column.Row.Select(name => $"CAST({name} AS text)"));
            await ExecuteAsync($"UPDATE {column.Table} SET {column.Column} = (SELECT o.{column.Column} FROM {column.Table} o WHERE {column.Where} AND {column.Column} <> '{{}}' ORDER BY {row} LIMIT 1) WHERE {column.Where}");
        }

        var told = (await Assert.ThrowsAsync<HubJobException>(() => WorkAsync(Hub("second", _second, _first))))!.Message;
        Assert.That(_columns.Where(column => !told.Contains($" of {column.Place}", StringComparison.Ordinal)).Select(column => column.Place), Is.Empty, told);
    }

    /// <summary>One person whose values were damaged holds up no other, is sent nothing, loses no withdrawal, and is as before once that is mended.</summary>
    [Test]
    public async Task Should_hold_up_nobody_else_where_one_was_damaged()
    {
        var hub = Hub("first", _first);
        await AppendAsync(
            hub, Profile(_one, """{"city":"Bonn","country":"US","state":"CA"}"""), Profile(_two, """{"city":"Kiel"}"""), Membership(_one, _audience, true), Membership(_two, _audience, true), Consent(_one, ConsentWord.Granted));
        await ExecuteAsync($"CREATE TABLE kept AS SELECT profile_id, attributes FROM profiles WHERE external_id = '{_one}'");
        await ExecuteAsync($"UPDATE profiles SET attributes = (SELECT o.attributes FROM profiles o WHERE o.external_id = '{_two}') WHERE external_id = '{_one}'");

        await AppendAsync(hub, Profile(_one, """{"city":"Rome"}""", 2, $"{_one}@x.test"), Profile(_two, """{"city":"Rome"}""", 2), Consent(_one, ConsentWord.Denied, 2));
        var planned = await CandidatesAsync(hub);
        var (damaged, whole) = (planned.Single(person => person.ExternalId == _one), planned.Single(person => person.ExternalId == _two));
        Assert.Multiple(() =>
        {
            Assert.That(whole.AttributesJson, Is.EqualTo("""{"city":"Rome"}"""));
            Assert.That(SealingKeys.IsSealed(damaged.AttributesJson!), Is.True, "it is no JSON, so that nobody maps it");
            Assert.That(StoredConsent.Read(damaged.ConsentJson)["email_marketing"].Status, Is.EqualTo(ConsentWord.Denied));
            Assert.That(StoredConsent.PlaceOf(System.Text.Encoding.UTF8.GetBytes(damaged.ConsentJson)), Is.EqualTo(new StoredPlace("US", "CA")), "where somebody lived when it was last read");
            Assert.That(() => OnAsync(hub, db => PersonBook.FindAsync(db, damaged.ProfileId, CancellationToken.None)), Throws.TypeOf<BrokenSealException>().With.Message.Contains("profiles.attributes"));
        });
        Assert.That(() => WorkAsync(Hub("second", _second, _first)), Throws.TypeOf<HubJobException>().With.Message.Contains("1 of profiles.attributes"));

        await ExecuteAsync("UPDATE profiles SET attributes = (SELECT k.attributes FROM kept k) WHERE profile_id = (SELECT k.profile_id FROM kept k)");
        await ExecuteAsync("DROP TABLE kept");
        await AppendAsync(Hub("second", _second, _first), Profile(_one, """{"tier":"gold"}""", 3));
        Assert.That(Sorted((await CandidatesAsync(Hub("second", _second, _first))).Single(person => person.ExternalId == _one).AttributesJson!), Is.EqualTo("""{"city":"Bonn","country":"US","state":"CA","tier":"gold"}"""));
    }

    /// <summary>A row of a list that does not open still says who is in the audience, and nothing of what the person is like.</summary>
    [Test]
    public async Task Should_keep_a_member_whose_row_was_damaged()
    {
        var hub = Hub("first", _first);
        await AppendAsync(hub, Profile(_one, """{"city":"Bonn"}"""), Profile(_two, """{"city":"Bonn"}"""));
        await LoadAsync(hub, new StagedMember(2, _one, null, null, """{"city":"Rome"}""", true), new StagedMember(3, _two, null, null, """{"city":"Rome"}""", true));
        await ExecuteAsync("UPDATE snapshot_rows SET attributes = (SELECT o.attributes FROM snapshot_rows o WHERE o.line = 3) WHERE line = 2");
        await ApplyAsync(hub);
        Assert.That((await CandidatesAsync(hub)).Select(person => (person.ExternalId, person.AttributesJson)), Is.EquivalentTo(new[] { (_one, """{"city":"Bonn"}"""), (_two, """{"city":"Rome"}""") }));
    }

    [Test]
    public async Task Should_be_told_apart_with_a_part_that_was_damaged()
    {
        var hub = Hub("first", _first);
        var mail = $"{_one}@x.test";
        await AppendAsync(hub, Profile(null, """{"city":"Bonn"}""", 1, mail));
        await AppendAsync(hub, Profile(_one, """{"tier":"gold"}""", 2, mail));
        Assert.That(await ValueAsync(hub, _one, "city"), Is.EqualTo("Bonn"), "the two are one");
        await ExecuteAsync("UPDATE identity_parts SET attributes = (SELECT max(o.attributes) FROM identity_parts o)");
        var stored = await TextAsync("SELECT min(attributes) FROM identity_parts");
        await AppendAsync(hub, Profile(_one, """{"tier":"silver"}""", 3), Profile(_two, """{"tier":"silver"}""", 3));
        Assert.That((await ValueAsync(hub, _one, "city"), await ValueAsync(hub, _one, "tier"), await ValueAsync(hub, _two, "tier")), Is.EqualTo(("Bonn", "gold", "silver")), "what is shown of the person stays whole");
        Assert.That(await TextAsync("SELECT min(attributes) FROM identity_parts"), Is.EqualTo(stored));
    }

    [Test]
    public async Task Should_be_shown_to_the_person_and_erased_with_them()
    {
        var hub = Hub("first", _first);
        await StateAsync(hub);
        var person = (await OnAsync(hub, db => hub.GetRequiredService<PersonSearch>().FindAsync(db, new PersonKey(KeyKind.ExternalId, _one), CancellationToken.None)))!;
        var shown = (await ExportAsync(hub, person)).GetRawText();
        Assert.That(shown, Does.Contain($"{_word} profile").And.Contain($"{_word} row").And.Contain($"{_word} shadow").And.Not.Contain("sealed:"));

        var request = Guid.NewGuid();
        await OnAsync(hub, async db =>
        {
            await hub.GetRequiredService<SealedPeople>().KeepAsync(db, request, person, CancellationToken.None);
            return await hub.GetRequiredService<PersonErasure>().SuppressAsync(db, request, "erasure", Noon, CancellationToken.None);
        });
        await using (var scope = hub.CreateAsyncScope())
        {
            await hub.GetRequiredService<PersonErasure>().EraseOwnAsync(scope.ServiceProvider.GetRequiredService<HubDbContext>(), request, Noon, CancellationToken.None);
        }

        await WorkAsync(Hub(null, _first));
        Assert.That((await ExportAsync(Hub(null), person)).GetRawText(), Does.Not.Contain(_word));
        Assert.That((await FoundAsync()).Count, Is.Positive, "those of the others are there");
    }

    /// <summary>Two people in all columns, one of them of two keys, whose every value holds the word; the last list is not applied.</summary>
    private async Task StateAsync(ServiceProvider hub)
    {
        await StartAsync(hub);
        string Note(string part) => $$"""{"note":"{{_word}} {{part}}"}""";
        var mail = $"{_two}@x.test";
        await AppendAsync(hub, Profile(_one, Note("profile"), 1), Membership(_one, _audience, true), Membership(_two, _audience, true));
        await AppendAsync(hub, Profile(null, Note("part"), 1, mail));
        await AppendAsync(hub, Profile(_two, Note("other"), 2, mail));
        await OnAsync(hub, db => hub.GetRequiredService<ILedger>().ShadowAsync(
            db, [Profile(_one, Note("shadow")) with { Producer = "shadow" }, Profile(_two, Note("shadow too")) with { Producer = "shadow" }], null, CancellationToken.None));
        await LoadAsync(hub, new StagedMember(2, _one, null, null, Note("row"), true), new StagedMember(3, _two, null, null, Note("row too"), true));
    }

    /// <summary>Everything that a hub reads of them: plans, parts, rows, statements of shadows.</summary>
    private async Task<IReadOnlyList<string>> ReadAsync(ServiceProvider hub)
    {
        var read = (await CandidatesAsync(hub)).Select(person => person.AttributesJson!).ToList();
        var parts = await OnAsync(hub, db => IdentityTables.LoadPartsAsync(db, "default", [], [new PersonKey(KeyKind.ExternalId, _two), new PersonKey(KeyKind.Email, $"{_two}@x.test")], CancellationToken.None));
        read.AddRange(parts.Select(part => part.Content.AttributesJson));
        read.AddRange((await OnAsync(hub, db => ShadowBook.NextAsync(db, "shadow", "", 10, CancellationToken.None))).SelectMany(person => person.Statements).Select(row => row.Statement.Value));
        read.AddRange(await OnAsync(hub, async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            return await session.ReadAsync("SELECT snapshot_id, line, attributes FROM snapshot_rows", row => SnapshotProgress.Opened(SealingKeys.Of(db), row.GetGuid(0), row.GetInt64(1), row.GetString(2)), CancellationToken.None);
        }));
        return [.. read.Order(StringComparer.Ordinal)];
    }

    private Task<IReadOnlyList<PlanCandidate>> CandidatesAsync(ServiceProvider hub) =>
        OnAsync(hub, db => hub.GetRequiredService<IPlanStore>().ReadCandidatesAsync(db, Request(Guid.NewGuid(), _audience), 0, 100, CancellationToken.None));

    private async Task<string?> ValueAsync(ServiceProvider hub, string id, string name)
    {
        var found = await OnAsync(hub, db => hub.GetRequiredService<ILedgerTables>().LoadProfilesAsync(db, "default", new ProfileQuery { ExternalIds = [id] }, CancellationToken.None));
        return JsonElement.Parse(found.Single().Content.AttributesJson).GetProperty(name).GetString();
    }

    private static Task<IntakeResult> AppendAsync(ServiceProvider hub, params LedgerFact[] facts) => OnAsync(hub, db => hub.GetRequiredService<ILedger>().AppendAsync(db, facts, CancellationToken.None));

    private Task<bool> LoadAsync(ServiceProvider hub, params StagedMember[] members) => OnAsync(hub, async db =>
    {
        var (snapshots, id) = (hub.GetRequiredService<ISnapshotStore>(), Guid.NewGuid());
        await snapshots.CreateAsync(db, id, _audience, "delta", "file.csv", Noon.AddHours(1), CancellationToken.None);
        await snapshots.StageAsync(db, id, members, [], CancellationToken.None);
        await snapshots.FinishAsync(db, id, Noon.AddHours(1), CancellationToken.None);
        return true;
    });

    /// <summary>Applies the list that waits.</summary>
    private async Task ApplyAsync(ServiceProvider hub)
    {
        var id = Guid.Parse((await TextAsync("SELECT CAST(max(CAST(snapshot_id AS text)) AS text) FROM snapshot_rows"))!);
        while (await OnAsync(hub, db => hub.GetRequiredService<ISnapshotStore>().ApplyNextChunkAsync(db, id, 100, Noon.AddDays(1), CancellationToken.None)))
        {
        }
    }

    private Task<IReadOnlyList<string>> FoundAsync() => IsPostgres
        ? TablesThatName.FindAsync(StorageOptions.ConnectionString, [_word])
        : TablesThatName.FindInFileAsync(StorageOptions.ConnectionString["Data Source=".Length..], [_word]);

    private async Task AssertSealedAsync(string key)
    {
        foreach (var column in _columns)
        {
            Assert.That(await StoredAsync(column), Is.Not.Empty.And.All.StartsWith($"sealed:1:{key}:"), column.Place);
        }
    }

    private async Task<IReadOnlyList<string>> StoredAsync()
    {
        var stored = new List<string>();
        foreach (var column in _columns)
        {
            stored.AddRange(await StoredAsync(column));
        }

        return stored;
    }

    private Task<List<string>> StoredAsync(SealedColumn column) => ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return await session.ReadAsync($"SELECT {column.Column} FROM {column.Table} WHERE {column.Where} AND {column.Column} <> '{{}}' ORDER BY {string.Join(", ", column.Row)}", row => row.GetString(0), CancellationToken.None);
    });

    private async Task<JsonElement> ExportAsync(ServiceProvider hub, ErasurePerson person)
    {
        using var stream = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(stream))
        {
            await OnAsync(hub, async db =>
            {
                await PersonExport.WriteAsync(db, person, writer, () => Task.CompletedTask, () => Task.CompletedTask, CancellationToken.None);
                return true;
            });
        }

        return JsonDocument.Parse(stream.ToArray()).RootElement;
    }

    private Task<string> WorkAsync(ServiceProvider hub) => new ColumnSealer(
        new OutboxTransaction(hub.GetRequiredService<IServiceScopeFactory>()), hub.GetRequiredService<ILedger>(), hub.GetRequiredService<SealingKeys>(), Telemetry, Clock).WorkAsync(CancellationToken.None);

    private Task StartAsync(ServiceProvider hub) => OnAsync(hub, async db =>
    {
        await SealingBook.AnnounceAsync(db, hub.GetRequiredService<SealingKeys>(), Clock.Now, CancellationToken.None);
        return true;
    });

    private static Task<T> OnAsync<T>(ServiceProvider hub, Func<HubDbContext, Task<T>> work) =>
        new OutboxTransaction(hub.GetRequiredService<IServiceScopeFactory>()).RunAsync((db, _) => work(db), CancellationToken.None);

    /// <summary>A hub on the same database with keys of its own that seals attributes where it seals anything.</summary>
    private ServiceProvider Hub(string? current, params SealingKey[] keys) => HubOf(new SealingKeys(keys, current) { SealsProfiles = true });

    /// <summary>A hub that seals bodies alone.</summary>
    private ServiceProvider Bodies(string? current, params SealingKey[] keys) => HubOf(new SealingKeys(keys, current));

    private ServiceProvider HubOf(SealingKeys keys)
    {
        var hub = new ServiceCollection().AddSingleton(_tombstones).AddHubStorage(StorageOptions with { Sealing = keys }).AddMetrics().AddMassTransitTestHarness().BuildServiceProvider();
        _hubs.Add(hub);
        return hub;
    }

    private static string Sorted(string json) => JsonSerializer.Serialize(new SortedDictionary<string, JsonElement>(JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!, StringComparer.Ordinal));

    private static NUnit.Framework.Constraints.IResolveConstraint Missing() => Throws.TypeOf<MissingSealingKeyException>().With.Message.Contains("'first'").And.Message.Contains("Hub:Encryption:Keys");

    private Task ExecuteAsync(string sql) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(sql, CancellationToken.None);
    });
}
