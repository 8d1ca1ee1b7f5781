using System.Text;
using System.Text.Json;
using IntegrationHub.Hub.Encryption;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Schedules;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sealing;
using IntegrationHub.Storage.Webhooks;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>What came in as it came is for nobody who reads the database alone, and for every hub that has the key as it was; before, while and after a key is changed.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_bodies_are_sealed(StorageDatabase database) : DeliveryFixture(database)
{
    private static readonly SealingKey _first = SealingKey.Random("first");
    private static readonly SealingKey _second = SealingKey.Random("second");
    private static readonly TombstoneSecrets _tombstones = new([TombstoneSecret.Random()]);
    private static readonly Guid _run = Guid.NewGuid();
    private static readonly IReadOnlyList<SealedColumn> _bodies = [.. SealedColumn.All.Where(column => !column.IsOfProfiles)];
    private readonly List<ServiceProvider> _hubs = [];

    [SetUp]
    public async Task Begin_with_nothing()
    {
        foreach (var table in _bodies.Select(column => column.Table).Distinct().Append("sealing_keys").Append("fact_ids"))
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

    [Test]
    public async Task Should_be_found_nowhere_and_read_as_they_were()
    {
        var hub = Hub("first", _first);
        var (word, written) = await StateAsync(hub);
        await AssertSealedAsync(word, "first");
        await AssertReadAsync(hub, written);
    }

    [Test]
    public async Task Should_be_sealed_anew_with_another_key_and_opened_again_while_they_stay_readable()
    {
        var (word, written) = await StateAsync(Hub(null));
        var seals = Hub("first", _first);
        await AssertReadAsync(seals, written);

        Assert.That(await WorkAsync(seals), Does.Contain("Sealed with 'first'").And.Contain("No earlier key"));
        await AssertSealedAsync(word, "first");
        await AssertReadAsync(seals, written);
        Assert.That(await WorkAsync(seals), Does.StartWith("0 values"), "what is done is done");

        var changes = Hub("second", _second, _first);
        var (later, laterWritten) = await StateAsync(seals, sentence: 1);
        Assert.That(await WorkAsync(changes), Does.Contain("Keys that may be needed yet: first"), "a hub said just now that it seals with it");
        await AssertSealedAsync(word, "second");
        await AssertSealedAsync(later, "second");
        await AssertReadAsync(changes, written);
        Clock.Now += TimeSpan.FromHours(1);
        Assert.That(await WorkAsync(changes), Does.Contain("No earlier key"));
        Assert.That(await NamedAsync(changes), Is.EqualTo(new[] { "second" }));
        await AssertReadAsync(Hub("second", _second), laterWritten, "without the key that was taken away");

        Assert.That(await WorkAsync(Hub(null, _second)), Does.Contain("All in clear"));
        await AssertReadAsync(Hub(null), written, "off again, byte by byte");
        foreach (var column in _bodies)
        {
            Assert.That(await ValuesAsync(column), Has.Some.Contains(word).And.None.Contains("sealed:"), column.Place);
        }
    }

    [Test]
    public async Task Should_be_read_as_they_were_when_they_look_like_something_sealed([Values] bool isSealing)
    {
        var hub = isSealing ? Hub("first", _first) : Hub(null);
        var receipt = Receipt("sealed:1:first:AAAA");
        Assert.That(await OnAsync(hub, db => WebhookReceipts.AddAsync(db, receipt, CancellationToken.None)), Is.True);
        Assert.That(await ReceiptAsync(hub), Is.EqualTo("sealed:1:first:AAAA"));
        await WorkAsync(Hub("second", _second, _first));
        Assert.That(await ReceiptAsync(Hub(null, _second, _first)), Is.EqualTo("sealed:1:first:AAAA"));
    }

    [Test]
    public async Task Should_close_a_hub_that_lacks_the_key_and_say_which()
    {
        var hub = Hub("first", _first);
        await StateAsync(hub);
        var lacking = Hub("second", _second);
        Assert.Multiple(() =>
        {
            Assert.That(() => StartAsync(lacking), Missing());
            Assert.That(() => StartAsync(Hub(null)), Missing());
            Assert.That(() => LogAsync(lacking), Missing(), "it is not read as nothing");
            Assert.That(() => ReceiptAsync(lacking), Missing());
            Assert.That(() => WorkAsync(lacking), Throws.TypeOf<HubJobException>().With.Message.Contains("'first'"));
            Assert.That(() => StartAsync(Hub("first", SealingKey.Random("first"))), Throws.TypeOf<BrokenSealException>().With.Message.Contains("'first'"), "another one by the same name");
            Assert.That(() => LogAsync(Hub("first", SealingKey.Random("first"))), Throws.TypeOf<BrokenSealException>());
            Assert.That(() => StartAsync(hub), Throws.Nothing);
        });
        Assert.That(await NamedAsync(hub), Is.EqualTo(new[] { "first" }), "who did not start announced nothing");
    }

    [Test]
    public async Task Should_open_in_no_other_row_and_in_no_other_column()
    {
        var hub = Hub("first", _first);
        await StateAsync(hub);
        await StateAsync(hub, sentence: 1);
        await ExecuteAsync("UPDATE facts SET body = (SELECT body FROM facts ORDER BY position DESC LIMIT 1)");
        Assert.That(() => LogAsync(hub), Throws.TypeOf<BrokenSealException>().With.Message.Contains("facts.body"));
        await ExecuteAsync("UPDATE webhook_receipts SET headers = (SELECT max(body) FROM facts)");
        Assert.That((await OnAsync(hub, db => WebhookReceipts.ReadWaitingAsync(db, 10, long.MaxValue, CancellationToken.None))).Select(receipt => receipt.HeadersJson), Is.All.Empty);
    }

    /// <summary>One row that was damaged holds up none of the others: not the calls that tell of a withdrawal, not a new key.</summary>
    [Test]
    public async Task Should_be_passed_over_where_one_was_damaged()
    {
        var hub = Hub("first", _first);
        await StateAsync(hub);
        await StateAsync(hub, sentence: 1);
        await ExecuteAsync("CREATE TABLE kept AS SELECT event_id, body FROM facts WHERE position = (SELECT min(position) FROM facts)");
        await ExecuteAsync("UPDATE facts SET body = (SELECT body FROM facts ORDER BY position DESC LIMIT 1) WHERE event_id IN (SELECT event_id FROM kept)");
        await ExecuteAsync("UPDATE webhook_receipts SET body = (SELECT body FROM webhook_receipts ORDER BY receipt_id DESC LIMIT 1) WHERE receipt_id = (SELECT receipt_id FROM webhook_receipts ORDER BY receipt_id LIMIT 1)");

        var calls = await OnAsync(hub, db => WebhookReceipts.ReadWaitingAsync(db, 10, long.MaxValue, CancellationToken.None));
        Assert.That(calls.Select(call => call.Body.IsEmpty), Is.EquivalentTo(new[] { true, false }), "the other one is read, and this one as no call");

        var changes = Hub("second", _second, _first);
        for (var hour = 0; hour < 2; hour++)
        {
            Assert.That(() => WorkAsync(changes), Throws.TypeOf<HubJobException>().With.Message.Contains("1 of facts.body").And.Message.Contains("1 of webhook_receipts.body"));
            Assert.That(await NamedAsync(changes), Does.Contain("first"), "what does not open may be mended yet");
            Clock.Now += TimeSpan.FromHours(1);
        }

        Assert.That((await ValuesAsync(SealedColumn.FactBody)).Count(body => body.StartsWith("sealed:1:second:", StringComparison.Ordinal)), Is.EqualTo(1));
        await ExecuteAsync("UPDATE facts SET body = (SELECT body FROM kept) WHERE event_id IN (SELECT event_id FROM kept)");
        await ExecuteAsync("DELETE FROM webhook_receipts");
        await ExecuteAsync("DROP TABLE kept");
        Assert.That(await WorkAsync(changes), Does.Contain("No earlier key"), "mended from a backup, or gone");
        Assert.That(await ValuesAsync(SealedColumn.FactBody), Has.Count.EqualTo(2).And.All.StartsWith("sealed:1:second:"));
    }

    /// <summary>A repeat keeps what was there before the first attempt, and states what somebody else wrote since.</summary>
    [Test]
    public async Task Should_be_merged_with_what_a_repeat_finds()
    {
        var hub = Hub("first", _first);
        await StartAsync(hub);
        await ImageAsync(hub, 0, ("town", "\"Paris\""), ("nick", "\"old\""));
        await ImageAsync(hub, 0, ("nick", "\"theirs\""));
        await ImageAsync(hub, 0);
        await ImageAsync(hub, 1);
        var images = await ImagesAsync(hub, 0, 1);
        Assert.Multiple(() =>
        {
            Assert.That(images[70].Fields.Select(field => (field.Key, field.Value.Single())).Order(), Is.EqualTo(new[] { ("nick", "\"theirs\""), ("town", "\"Paris\"") }));
            Assert.That(images[70].AfterHash.Keys.Order(), Is.EqualTo(new[] { "nick", "town" }));
            Assert.That((images[71].Fields.Count, images[71].IsUnreadable), Is.EqualTo((0, false)));
        });
        Assert.That((await ValuesAsync(SealedColumn.ImageFields)).Select(value => value.Split(':')[0]), Is.EquivalentTo(new[] { "sealed", "{}" }), "of nothing there is nothing to seal, and a rollback asks for it");
        Assert.That(await WorkAsync(hub), Does.StartWith("0 values"));
    }

    [Test]
    public async Task Should_hold_up_no_other_image_where_one_was_damaged()
    {
        var hub = Hub("first", _first);
        await StartAsync(hub);
        await ImageAsync(hub, 0, ("town", "\"Paris\""));
        await ImageAsync(hub, 1, ("town", "\"Rome\""));
        await ExecuteAsync("UPDATE before_images SET fields = (SELECT b.fields FROM before_images b WHERE b.profile_id = 71) WHERE profile_id = 70");
        var images = await ImagesAsync(hub, 0, 1);
        Assert.That((images[70].IsUnreadable, images[70].Fields.Count, images[71].IsUnreadable, images[71].Fields["town"].Single()), Is.EqualTo((true, 0, false, "\"Rome\"")));
        Assert.That(() => ImageAsync(hub, 0, ("nick", "\"old\"")), Throws.TypeOf<BrokenSealException>().With.Message.Contains("before_images.fields"), "what is damaged may be mended yet, so it is not written over");
        Assert.That(() => ImagesAsync(Hub("second", _second), 1), Missing());
        Assert.That(() => WorkAsync(Hub("second", _second, _first)), Throws.TypeOf<HubJobException>().With.Message.Contains("1 of before_images.fields"));
    }

    [Test]
    public async Task Should_be_shown_to_the_person_and_erased_with_them()
    {
        var hub = Hub("first", _first);
        var word = Unique("canary");
        var key = new PersonKey(KeyKind.ExternalId, word);
        await OnAsync(hub, db => hub.GetRequiredService<ILedger>().AppendAsync(db, [Profile(word, "{}") with { BodyJson = $$$"""{"subject":{"external_id":"{{{word}}}"}}""" }], CancellationToken.None));
        await OnAsync(hub, db => hub.GetRequiredService<IQuarantine>().AddAsync(db, [Quarantined($$$"""{"subject":{"external_id":"{{{word}}}"}}""")], CancellationToken.None));
        await OnAsync(hub, db => WebhookReceipts.AddAsync(db, Receipt($$"""{"userId":"{{word}}"}"""), CancellationToken.None));
        await ExecuteAsync("UPDATE webhook_receipts SET state = 'done'");

        var person = (await OnAsync(hub, db => hub.GetRequiredService<PersonSearch>().FindAsync(db, key, CancellationToken.None)))!;
        var shown = await ExportAsync(hub, person);
        Assert.Multiple(() =>
        {
            Assert.That(shown.GetProperty("facts")[0].GetProperty("body").GetString(), Does.Contain(word));
            Assert.That(shown.GetProperty("bodies").GetProperty("quarantined_facts").GetArrayLength(), Is.EqualTo(1));
            Assert.That(shown.GetProperty("bodies").GetProperty("webhook_receipts").GetArrayLength(), Is.EqualTo(1));
        });

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

        Assert.That(await ValuesAsync(SealedColumn.FactBody), Is.EqualTo(new[] { "{}" }));
        Assert.That((await CountAsync("SELECT count(*) FROM quarantined_facts"), await CountAsync("SELECT count(*) FROM webhook_receipts WHERE body IS NOT NULL")), Is.EqualTo((0L, 0L)));
        Assert.That(await WorkAsync(hub), Does.StartWith("0 values"), "what is erased stays as it is");
    }

    /// <summary>One person in every column that can be sealed, written by a hub; the values as they were given.</summary>
    private async Task<(string Word, string[] Written)> StateAsync(ServiceProvider hub, int sentence = 0)
    {
        await StartAsync(hub);
        var word = Unique($"canary{sentence}");
        string Text(string part) => $$"""{"{{part}}":"{{word}} möchte"}""";
        await OnAsync(hub, db => hub.GetRequiredService<ILedger>().AppendAsync(db, [Profile(Unique("p"), "{}") with { BodyJson = Text("fact") }], CancellationToken.None));
        await OnAsync(hub, db => WebhookReceipts.AddAsync(db, Receipt(Text("receipt"), Text("headers")), CancellationToken.None));
        var aside = Quarantined(Text("aside"));
        await OnAsync(hub, db => hub.GetRequiredService<IQuarantine>().AddAsync(db, [aside], CancellationToken.None));
        await OnAsync(hub, db => hub.GetRequiredService<IQuarantine>().TrySettleAsync(
            db, aside.QuarantineId, new QuarantineSettlement(QuarantineSettlement.Fixed, Noon, "kim", null, Encoding.UTF8.GetBytes(Text("fixed"))), CancellationToken.None));
        await OnAsync(hub, db => LetterBook.AddVersionAsync(db, 7 + sentence, new LetterVersion(2, Text("letter"), "kim", null, Noon), CancellationToken.None));
        var decision = IdentityDecision.Of(IdentityVerdict.Merge, Key($"a{sentence}"), Key($"b{sentence}"), Noon);
        await OnAsync(hub, async db =>
        {
            await RulingTables.AddAsync(db, "default", new DecidedRuling(decision, "kim", "because"), Text("before"), CancellationToken.None);
            return true;
        });
        await ImageAsync(hub, sentence, ("first", Text("image")));
        await ImageAsync(hub, sentence, ("second", Text("repeat")));
        return (word, [.. new[] { "fact", "receipt", "headers", "aside", "fixed", "letter", "before", "image", "repeat" }.Select(Text)]);
    }

    private async Task AssertReadAsync(ServiceProvider hub, string[] written, string because = "read as it was written")
    {
        var read = new List<string>(await LogAsync(hub));
        var receipts = await OnAsync(hub, db => WebhookReceipts.ReadWaitingAsync(db, 10, long.MaxValue, CancellationToken.None));
        read.AddRange(receipts.SelectMany(receipt => new[] { Encoding.UTF8.GetString(receipt.Body.Span), receipt.HeadersJson }));
        foreach (var id in await OnAsync(hub, db => IdsAsync(db, "SELECT quarantine_id FROM quarantined_facts")))
        {
            var fact = (await OnAsync(hub, db => hub.GetRequiredService<IQuarantine>().FindAsync(db, id, CancellationToken.None)))!;
            read.AddRange([Encoding.UTF8.GetString(fact.Body.Span), Encoding.UTF8.GetString(fact.Settlement!.Corrected.Span)]);
        }

        foreach (var sentence in Enumerable.Range(0, 2))
        {
            read.AddRange((await OnAsync(hub, db => LetterBook.ListVersionsAsync(db, 7 + sentence, CancellationToken.None))).Select(version => version.ChangesJson));
            read.AddRange((await ImagesAsync(hub, sentence)).Values.SelectMany(image => image.Fields.Values.SelectMany(values => values)));
            read.Add(await OnAsync(hub, db => RulingTables.LoadBeforeAsync(db, "default", Key($"a{sentence}"), Key($"b{sentence}"), CancellationToken.None)) ?? "");
        }

        Assert.That(written.Except(read), Is.Empty, because);
    }

    private async Task AssertSealedAsync(string word, string key)
    {
        foreach (var column in _bodies)
        {
            var values = await ValuesAsync(column);
            Assert.That(values, Is.Not.Empty.And.None.Contains(word).And.All.StartsWith($"sealed:1:{key}:"), column.Place);
        }
    }

    /// <summary>What stands in a column for whoever reads the database alone.</summary>
    private Task<List<string>> ValuesAsync(SealedColumn column) => ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return await session.ReadAsync(
            $"SELECT {column.Column} FROM {column.Table} WHERE {column.Column} IS NOT NULL", row => row.GetValue(0) is byte[] bytes ? Encoding.Latin1.GetString(bytes) : column.IsJson ? row.GetString(0).Trim('"') : row.GetString(0), CancellationToken.None);
    });

    /// <summary>What a vendor had of somebody in some fields, before a run wrote; each time as after a crash.</summary>
    private static Task ImageAsync(ServiceProvider hub, int person, params (string Field, string Json)[] fields) => OnAsync(hub, async db =>
    {
        var was = fields.ToDictionary(field => field.Field, field => (IReadOnlyList<string>)[field.Json]);
        await BeforeImages.WriteAsync(db, _run, "braze", [new BeforeImage(70 + person, was, fields.ToDictionary(field => field.Field, _ => "hash"))], Noon, CancellationToken.None);
        return true;
    });

    private static Task<IReadOnlyDictionary<long, BeforeImage>> ImagesAsync(ServiceProvider hub, params int[] people) =>
        OnAsync(hub, db => BeforeImages.FindAsync(db, _run, "braze", [.. people.Select(person => 70L + person)], CancellationToken.None));

    private static async Task<List<Guid>> IdsAsync(HubDbContext db, string sql)
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return await session.ReadAsync(sql, row => row.GetGuid(0), CancellationToken.None);
    }

    private async Task<IEnumerable<string>> LogAsync(ServiceProvider hub) =>
        (await OnAsync(hub, db => FactLog.ReadAsync(db, 0, new LogFilter(), 10, CancellationToken.None))).Facts.Select(fact => fact.BodyJson).ToList();

    private async Task<string> ReceiptAsync(ServiceProvider hub) =>
        Encoding.UTF8.GetString((await OnAsync(hub, db => WebhookReceipts.ReadWaitingAsync(db, 10, long.MaxValue, CancellationToken.None)))[0].Body.Span);

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

    private Task<string> WorkAsync(ServiceProvider hub) => new ColumnSealer(new OutboxTransaction(hub.GetRequiredService<IServiceScopeFactory>()), hub.GetRequiredService<ILedger>(), hub.GetRequiredService<SealingKeys>(), Telemetry, Clock).WorkAsync(CancellationToken.None);

    private Task StartAsync(ServiceProvider hub) => OnAsync(hub, async db =>
    {
        await SealingBook.AnnounceAsync(db, hub.GetRequiredService<SealingKeys>(), Clock.Now, CancellationToken.None);
        return true;
    });

    private Task<IReadOnlyList<string>> NamedAsync(ServiceProvider hub) => OnAsync(hub, db => SealingBook.ListAsync(db, CancellationToken.None));

    private static Task<T> OnAsync<T>(ServiceProvider hub, Func<HubDbContext, Task<T>> work) =>
        new OutboxTransaction(hub.GetRequiredService<IServiceScopeFactory>()).RunAsync((db, _) => work(db), CancellationToken.None);

    /// <summary>A hub on the same database with keys of its own.</summary>
    private ServiceProvider Hub(string? current, params SealingKey[] keys)
    {
        var hub = new ServiceCollection().AddSingleton(_tombstones).AddHubStorage(StorageOptions with { Sealing = new SealingKeys(keys, current) }).AddMetrics().AddMassTransitTestHarness().BuildServiceProvider();
        _hubs.Add(hub);
        return hub;
    }

    private static NUnit.Framework.Constraints.IResolveConstraint Missing() => Throws.TypeOf<MissingSealingKeyException>().With.Message.Contains("'first'").And.Message.Contains("Hub:Encryption:Keys");

    private static PersonKey Key(string value) => new(KeyKind.ExternalId, value);

    private static WebhookReceipt Receipt(string body, string headers = "{}") => new(Guid.NewGuid(), "web", Guid.NewGuid().ToString("N"), Noon, headers, Encoding.UTF8.GetBytes(body));

    private static QuarantinedFact Quarantined(string body) => new(Guid.NewGuid(), Noon, "profile_updated", null, "subject", "missing", "It is missing.", Encoding.UTF8.GetBytes(body), "shop");

    private Task ExecuteAsync(string sql) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(sql, CancellationToken.None);
    });
}
