using System.Text;
using System.Text.Json.Nodes;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Intake.Webhooks;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Hub.Tests.Intake.Webhooks;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Renames;
using IntegrationHub.Storage.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Intake;

/// <summary>Two hubs, one that runs the version by which a source is called otherwise and one that has not heard: nothing is taken in twice, nothing is lost, and who withdraws is left alone.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_source_is_called_otherwise(StorageDatabase database) : DeliveryFixture(database)
{
    /// <summary>Names of the fixture, for the rules of a ledger are made before its tests are.</summary>
    private readonly string _ruler = Unique("ruler");

    private string _old = null!;
    private string _next = null!;
    private string _person = null!;

    [SetUp]
    public void Name_everything_anew() => (_old, _next, _person) = (Unique("old"), Unique("new"), Unique("p"));

    /// <summary>The ledger of a hub that has not heard: only the ruler states what is flagged.</summary>
    protected override void AddServices(IServiceCollection services) =>
        base.AddServices(services.AddSingleton(new AttributeRules(new Dictionary<string, AttributeRule> { ["grade"] = new(_ruler, AttributeMutability.Mutable, IsFlagged: true) })));

    [Test]
    public async Task Should_let_the_former_name_state_what_the_source_owns()
    {
        var told = await Intake(Renamed()).TakeInAsync([Profile(_old, 1, """{"tier":"golden"}"""), Profile("somebody", 2, """{"tier":"silver"}""")], CancellationToken.None);
        Assert.That(told.Select(verdict => (verdict.CameTo, verdict.Fact!.Producer)), Is.EqualTo(new[] { ("accepted", _next), ("accepted", "somebody") }));
        Assert.That(await AttributesAsync(), Is.EqualTo("tier=golden"));
        Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE producer = '{_next}' AND CAST(body AS text) LIKE '%{_old}%'"), Is.EqualTo(Sealing.Current is null ? 1 : 0), "the log says word for word what came in");
    }

    [TestCase(true, TestName = "{m}(by the hub that runs it)")]
    [TestCase(false, TestName = "{m}(by the hub that has not heard)")]
    public async Task Should_let_the_former_name_grant_and_deny(bool hasHeard)
    {
        var terms = await TermsAsync(hasHeard);
        var hub = hasHeard ? Renamed() : Before();
        var told = await Intake(hub, terms: terms).TakeInAsync([Consent(_old, 1, "granted"), Consent(_old, 2, "denied", "partner_sharing")], CancellationToken.None);
        Assert.That(told.Select(verdict => verdict.CameTo), Is.All.EqualTo("accepted"));
        Assert.That(await TextAsync("SELECT status FROM consents WHERE subject_key = @key AND purpose = 'email_marketing' AND source = @source", ("key", $"id:{_person}"), ("source", _next)), Is.EqualTo("granted"));
        Assert.That(await TextAsync("SELECT status FROM consents WHERE subject_key = @key AND purpose = 'partner_sharing'", ("key", $"id:{_person}")), Is.EqualTo("denied"));
        await Intake(hub, terms: terms).TakeInAsync([Consent(_old, 3, "denied")], CancellationToken.None);
        Assert.That(await TextAsync("SELECT status FROM consents WHERE subject_key = @key AND purpose = 'email_marketing'", ("key", $"id:{_person}")), Is.EqualTo("denied"), "who withdraws by the former name is left alone");
    }

    /// <summary>Its ledger knows the source by the former name until it changes over, its doors name it so, and what it states counts all the same.</summary>
    [Test]
    public async Task Should_count_at_a_hub_that_has_not_heard_whichever_name_is_stated()
    {
        (_old, _next) = (_ruler, Unique("new"));
        var terms = await TermsAsync(hasHeard: false);
        var intake = Intake(Before(), terms: terms);
        await intake.TakeInAsync([Profile(_old, 1, """{"grade":"a","tier":"golden"}""")], CancellationToken.None);
        Assert.That(await AttributesAsync(), Is.EqualTo("grade=a tier=golden"));
        var told = await intake.TakeInAsync([Profile(_next, 2, """{"grade":"b","tier":"silver"}"""), Profile("somebody", 3, """{"grade":"c","tier":"none"}""")], CancellationToken.None);
        Assert.That(await AttributesAsync(), Is.EqualTo("grade=b tier=silver"), "and nobody else's");
        Assert.That(told[0].Fact!.Producer, Is.EqualTo(_next));
        Assert.That(terms.Now.Rules.Speakers, Is.EqualTo(new Dictionary<string, string> { [_next] = _old }));
    }

    /// <summary>The way back needs no line: what a hub that has not heard of it still calls by the later name is its former one.</summary>
    [Test]
    public async Task Should_count_at_a_hub_that_has_not_heard_of_the_way_back()
    {
        var running = new RunningConfiguration(FilesOf(_next, $"sources: {{ {_old}: {_next} }}"), await ActivateAsync(Unique("version")));
        await WriteAsync(db => ActivateAsync(db, FilesOf(_old, null), _next, _old));
        var terms = new FactTerms(Renamed(), running, null, Transactions);
        var told = await Intake(Renamed(), terms: terms).TakeInAsync([Profile(_next, 1, """{"tier":"golden"}""")], CancellationToken.None);
        Assert.That((told.Single().Fact!.Producer, await AttributesAsync()), Is.EqualTo((_old, "tier=golden")));
    }

    /// <summary>A call that waited, one that is sent again by the new address, and the same by either hub: one fact.</summary>
    [Test]
    public async Task Should_take_a_message_in_once_whatever_the_source_is_called()
    {
        await AddAsync(_old, "a", "m-1");
        Assert.That(await Normaliser(Before()).NormaliseAsync(CancellationToken.None), Is.EqualTo(1));
        await AddAsync(_old, "b", "m-2");
        await RenameAsync(_old, _next);
        await AddAsync(_next, "a", "m-1");
        await AddAsync(_next, "b", "m-2");
        await AddAsync(_old, "c", "m-3");
        Assert.That(await Normaliser(Renamed()).NormaliseAsync(CancellationToken.None), Is.EqualTo(4));
        Assert.That(await FactsAsync(), Is.EqualTo(3));
        await AddAsync(_next, "c", "m-3");
        await AddAsync(_next, "d", "m-4");
        Assert.That(await Normaliser(Before()).NormaliseAsync(CancellationToken.None), Is.EqualTo(2), "by the hub that has not heard");
        Assert.That(await FactsAsync(), Is.EqualTo(4));

        await RenameAsync(_next, _old);
        await AddAsync(_next, "e", "m-4"); // kept by a hub that had not heard of the way back
        await AddAsync(_old, "f", "m-1");
        Assert.That(await Normaliser(Before()).NormaliseAsync(CancellationToken.None), Is.EqualTo(2));
        Assert.That((await FactsAsync(), await SetAsideAsync()), Is.EqualTo((4L, 0L)), "nothing is lost either");
    }

    /// <summary>Whoever has the name afterwards is somebody else, and its messages are not taken for those of the one before.</summary>
    [Test]
    public async Task Should_tell_another_source_of_the_former_name_apart()
    {
        await AddAsync(_old, "a", "m-1");
        await Normaliser(Before()).NormaliseAsync(CancellationToken.None);
        await RenameAsync(_old, _next);
        await WriteAsync(db => SourceNames.SettleAsync(db, [_old, _next], CancellationToken.None));
        await AddAsync(_old, "b", "m-1");
        await Normaliser(Before()).NormaliseAsync(CancellationToken.None);
        Assert.That(await FactsAsync(), Is.EqualTo(2));
    }

    /// <summary>A list of a shadow that somebody brings by its former name is compared, and does not count.</summary>
    [Test]
    public async Task Should_know_a_shadow_by_its_former_name()
    {
        var shadow = Acme.Hub() with { Ownership = new OwnershipRules(new Dictionary<string, AttributeOwnership>()) { Shadows = new Dictionary<string, string> { [_next] = "crm" } }, FormerNames = Renamed().FormerNames };
        var lists = new ShadowList(Transactions, Ledger, Intake(shadow), shadow, Clock, NullLogger<ShadowList>.Instance);
        Assert.That((await lists.IsOfAsync(_old, CancellationToken.None), await lists.IsOfAsync("crm", CancellationToken.None), await lists.PresentNameAsync(_old, CancellationToken.None)), Is.EqualTo((true, false, _next)));
        var told = await Intake(shadow).TakeInAsync([Profile(_old, 1, """{"tier":"golden"}"""), Consent(_old, 2, "denied")], CancellationToken.None);
        Assert.That(told.Select(verdict => verdict.CameTo), Is.All.EqualTo("shadowed"));
        Assert.That(await CountAsync($"SELECT count(*) FROM shadow_statements WHERE source = '{_next}'"), Is.EqualTo(1));
        Assert.That(await TextAsync("SELECT status FROM consents WHERE subject_key = @key AND purpose = 'email_marketing'", ("key", $"id:{_person}")), Is.EqualTo("denied"), "who withdraws is heard all the same");
    }

    /// <summary>What was set aside under the former name is let in under the present one.</summary>
    [Test]
    public async Task Should_find_what_was_set_aside_by_the_present_name()
    {
        await Intake(Before()).TakeInAsync([Fact(_old, 1, "profile_updated", """{"attributes":7}""")], CancellationToken.None);
        await RenameAsync(_old, _next);
        await Intake(Renamed()).TakeInAsync([Fact(_old, 2, "profile_updated", """{"attributes":8}""")], CancellationToken.None);
        Assert.That(await CountAsync($"SELECT count(*) FROM quarantined_facts WHERE producer = '{_next}'"), Is.EqualTo(2));
    }

    /// <summary>A hub before the source was called otherwise.</summary>
    private HubConfiguration Before() => Named(_old);

    /// <summary>A hub since.</summary>
    private HubConfiguration Renamed() => Named(_next) with { FormerNames = FormerNames.None with { Sources = new Dictionary<string, string> { [_old] = _next } } };

    private static HubConfiguration Named(string source) => Acme.Hub() is var hub && hub.Consent is var rules ? hub with
    {
        Sources = new Dictionary<string, SourceConfiguration> { [source] = Sources.Of(SourceDialect.Segment) with { Name = source } },
        Ownership = new OwnershipRules(new Dictionary<string, AttributeOwnership> { ["tier"] = new(source, ConflictRule.OwnerWins), ["grade"] = new(source, ConflictRule.Flag) }),
        Consent = rules with { Sources = [new ConsentSource(source, MayGrant: true, []), new ConsentSource(ConsentSource.Others, MayGrant: false, [])] },
    } : hub;

    /// <summary>By what a hub reads, once the source is called otherwise; one that has not heard finds it out.</summary>
    private async Task<FactTerms> TermsAsync(bool hasHeard)
    {
        var before = new RunningConfiguration(FilesOf(_old, null), await ActivateAsync(Unique("version")));
        var version = await WriteAsync(db => ActivateAsync(db, FilesOf(_next, $"sources: {{ {_old}: {_next} }}"), _old, _next));
        return hasHeard ? new FactTerms(Renamed(), new RunningConfiguration(FilesOf(_next, $"sources: {{ {_old}: {_next} }}"), version), null, Transactions) : new FactTerms(Before(), before, null, Transactions);
    }

    /// <summary>Files that a hub without a compiler reads as far as it needs.</summary>
    private static ConfigurationFiles FilesOf(string source, string? renames)
    {
        var files = new Dictionary<string, string>
        {
            [$"sources/{source}.yaml"] = "dialect: segment\n",
            ["ownership.yaml"] = $"attributes:\n  tier: {{ system_of_record: {source} }}\n  grade: {{ system_of_record: {source}, conflict: flag }}\n",
        };
        if (renames is not null)
        {
            files["renames.yaml"] = renames + "\n";
        }

        return ConfigurationFiles.Of(files);
    }

    private async Task<long> ActivateAsync(HubDbContext db, ConfigurationFiles files, string from, string to)
    {
        await ConfigurationBook.LockAsync(db, Noon, CancellationToken.None);
        await Ledger.LockAsync(db, CancellationToken.None);
        await SourceRenaming.RenameAsync(db, from, to, CancellationToken.None);
        var version = await ConfigurationBook.AppendAsync(db, new ConfigurationEntry(0, Unique("hash"), ConfigurationSource.Applied, null, "person:ben", Noon, null, null, null), files.Texts, CancellationToken.None);
        await ConfigurationBook.ActivateAsync(db, version, "person:ben", Noon, CancellationToken.None);
        return version;
    }

    private Task RenameAsync(string from, string to) => WriteAsync(async db =>
    {
        await Ledger.LockAsync(db, CancellationToken.None);
        await SourceRenaming.RenameAsync(db, from, to, CancellationToken.None);
    });

    private ReceiptNormaliser Normaliser(HubConfiguration configuration) => new(
        Transactions, Intake(configuration), Scopes.CreateScope().ServiceProvider.GetRequiredService<Tombstones>(), configuration, HubInstance.Create(), new ReceiptSignal(), Telemetry, TimeProvider.System, NullLogger<ReceiptNormaliser>.Instance);

    private Task<bool> AddAsync(string source, string key, string messageId) => WriteAsync(db => WebhookReceipts.AddAsync(
        db,
        new WebhookReceipt(Uuid8.Of(source, key), source, key, Noon, "{}", Encoding.UTF8.GetBytes($$"""{"type":"track","event":"x","userId":"{{_person}}","messageId":"{{messageId}}","timestamp":"2026-01-02T03:04:05Z"}""")),
        CancellationToken.None));

    private Task<long> FactsAsync() => CountAsync($"SELECT count(*) FROM facts WHERE producer IN ('{_old}', '{_next}')");

    private Task<long> SetAsideAsync() => CountAsync($"SELECT count(*) FROM quarantined_facts WHERE producer IN ('{_old}', '{_next}') OR code = 'source_unknown'");

    private async Task<string> AttributesAsync() => string.Join(' ', JsonNode.Parse((await TextAsync("SELECT attributes FROM profiles WHERE external_id = @id", ("id", _person)))!)!.AsObject().OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}={one.Value}"));

    private ReadOnlyMemory<byte> Profile(string producer, int minute, string attributes) => Fact(producer, minute, "profile_updated", $$"""{"attributes":{{attributes}}}""");

    private ReadOnlyMemory<byte> Consent(string source, int minute, string status, string purpose = "email_marketing") => Fact(source, minute, "consent_updated", $$"""{"purpose":"{{purpose}}","status":"{{status}}","source":"{{source}}"}""");

    private ReadOnlyMemory<byte> Fact(string producer, int minute, string type, string payload) => Encoding.UTF8.GetBytes(
        $$"""{"event_id":"{{Guid.NewGuid()}}","event_type":"{{type}}","occurred_at":"{{TimeProvider.System.GetUtcNow().AddHours(-2).AddMinutes(minute):O}}","producer":"{{producer}}","subject":{"external_id":"{{_person}}"},"payload":{{payload}}}""");
}
