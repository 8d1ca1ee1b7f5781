using System.Text;
using System.Text.Json.Nodes;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Intake.Quarantine;
using IntegrationHub.Hub.Shadows;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Retention;
using IntegrationHub.Storage.Sealing;
using IntegrationHub.Storage.Shadows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Shadows;

/// <summary>Two sources state the same people: one counts, the other is compared, and they change places and back.</summary>
[TestFixture(StorageDatabase.Postgres, false)]
[TestFixture(StorageDatabase.Sqlite, false)]
[TestFixture(StorageDatabase.Postgres, true)]
[TestFixture(StorageDatabase.Sqlite, true)]
public sealed partial class When_a_source_shadows_another(StorageDatabase database, bool isSealed) : DeliveryFixture(database)
{
    protected override SealingKeys Sealing { get; } = isSealed ? new SealingKeys([SealingKey.Random("a")], "a") { SealsProfiles = true } : SealingKeys.None;

    private static readonly DateTimeOffset _begin = new(2026, 11, 20, 10, 0, 0, TimeSpan.Zero);

    private string _old = null!;
    private string _new = null!;
    private string _audience = null!;
    private string _person = null!;
    private int _changes;

    [SetUp]
    public void Name_everything_anew() => (_old, _new, _audience, _person) = (Unique("old"), Unique("new"), Unique("aud"), Unique("p"));

    [SetUp]
    public void Begin_anew() => _changes = 0;

    [Test]
    public async Task Should_change_nothing_that_counts()
    {
        var (stranger, email) = (Unique("nobody"), $"{_person}@x.test");
        await WriteAsync(db => Ledger.RouteAudiencesAsync(db, [new AudienceRoute(_audience, Braze)], CancellationToken.None));
        await TakeInAsync(Profile(_old, 1, _person, """{"tier":"golden"}"""));
        var before = await StandsAsync();

        var told = await TakeInAsync(
            Profile(_new, 2, _person, """{"tier":"silver","city":"Bonn"}""", email), Membership(_new, 3, _person, true), Profile(_new, 3, stranger, """{"tier":"golden"}"""), Event(_new, 4, _person),
            Consent(_new, 5, _person, "granted"));

        Assert.That(told.Select(verdict => (FactJson.From(verdict, 0).Status, verdict.CameTo)), Is.All.EqualTo(("accepted", "shadowed")));
        Assert.That(await StandsAsync(), Is.EqualTo(before), "no profile, no membership, no key, no claim, no fact in the log, nothing owed, nothing of consent");
        Assert.That((string?)(await AttributesAsync(_person))!["tier"], Is.EqualTo("golden"));
        Assert.That(await AttributesAsync(stranger), Is.Null);
    }

    [Test]
    public async Task Should_be_counted_by_attribute_and_member()
    {
        string[] people = [.. Enumerable.Range(0, 6).Select(_ => Unique("p"))];
        await TakeInAsync([.. people.Take(5).Select((id, i) => Profile(_old, 1, id, i == 4 ? """{"tier":"golden","score":5,"city":"Bern"}""" : """{"tier":"golden","score":5}"""))]);
        await TakeInAsync([.. people.Take(3).Select(id => Membership(_old, 1, id, true))]);
        await TakeInAsync(Profile(_new, 2, people[0], """{"tier":"golden"}"""), Profile(_new, 2, people[1], """{"tier":"Golden","score":5}"""), Profile(_new, 2, people[2], """{"tier":null,"score":"5"}"""), Profile(_new, 2, people[5], """{"tier":"golden"}"""));
        await TakeInAsync(Membership(_new, 2, people[0], true), Membership(_new, 2, people[1], false), Membership(_new, 2, people[5], true));

        await TakeInAsync(Profile(_new, 1, people[0], """{"tier":"older"}"""), Membership(_new, 1, people[0], false));

        var told = await Comparer().CompareAsync(_new, CancellationToken.None);
        Assert.That((told.Source, told.Of, told.People, told.Unknown), Is.EqualTo((_new, _old, 4L, 1L)));
        Assert.That(told.Attributes.Select(Counted), Is.EqualTo(new[] { new ShadowCountJson("city", await CountWithAsync("city"), 0, 0, 0), Others(told, "score", 0, 1, 1), Others(told, "tier", 1, 1, 1) }), "city belongs to the one that counts, and the other never states it");
        Assert.That(told.Attributes.Single(count => count.Name == "tier").OnlyCounting, Is.GreaterThanOrEqualTo(3));
        Assert.That(told.Audiences.Select(Counted), Is.EqualTo(new[] { new ShadowCountJson(_audience, 2, 1, 0, 1) }));
    }

    [Test]
    public async Task Should_be_listed_person_by_person_masked_unless_revealed()
    {
        string[] people = [.. Enumerable.Range(0, 3).Select(_ => Unique("p"))];
        foreach (var id in people)
        {
            await TakeInAsync(Profile(_old, 1, id, """{"tier":"golden"}"""), Profile(_new, 2, id, """{"tier":"Golden"}"""), Membership(_old, 1, id, true), Membership(_new, 1, id, id == people[0]));
        }

        var seen = new List<ShadowDifferenceJson>();
        string? after = null;
        do
        {
            var page = await Comparer().ListAsync(_new, ShadowKind.Attribute, "tier", ShadowState.Different, false, new PageAsk(after, 2), CancellationToken.None);
            Assert.That(page.Count, Is.EqualTo(3));
            seen.AddRange(page.Items);
            after = page.Next;
        }
        while (after is not null);

        Assert.That(seen.Select(row => row.ProfileId), Is.Unique.And.Exactly(3).Items.And.None.Null);
        Assert.That(seen.Select(row => (row.Counting, row.Shadow, row.Difference)), Is.All.EqualTo(("g…en", "G…en", "case")));
        Assert.That(seen.Select(row => row.Key), Is.All.StartWith("external_id:p…"));
        var revealed = await Comparer().ListAsync(_new, ShadowKind.Audience, _audience, ShadowState.OnlyCounting, true, new PageAsk(), CancellationToken.None);
        Assert.That(revealed.Items.Select(row => row.Key), Is.EquivalentTo(people.Skip(1).Select(id => $"external_id:{id}")));
        Assert.That((await Comparer().ListAsync(_new, ShadowKind.Audience, _audience, ShadowState.Equal, true, new PageAsk(), CancellationToken.None)).Items.Single().Key, Is.EqualTo($"external_id:{people[0]}"));
    }

    /// <summary>Whoever looks waits for nothing, sees the last result while the next one is made, and counts nothing anew for looking again.</summary>
    [Test]
    public async Task Should_be_compared_beside_those_who_look()
    {
        await TakeInAsync(Profile(_old, 1, _person, """{"tier":"golden"}"""), Profile(_new, 2, _person, """{"tier":"silver"}"""));
        var look = new ShadowLook(Comparer(), Clock, NullLogger<ShadowLook>.Instance);
        var first = look.Look().Single();
        await look.Work;
        var made = look.Look().Single();
        Assert.That((first.Source, first.Of, first.Comparison, first.ComparingSince), Is.EqualTo((_new, _old, (ShadowComparisonJson?)null, (DateTimeOffset?)Clock.Now)));
        Assert.That((made.Comparison!.People, made.ComparedAt, made.ComparingSince), Is.EqualTo((1L, (DateTimeOffset?)Clock.Now, (DateTimeOffset?)null)));
        await TakeInAsync(Profile(_new, 3, Unique("p"), """{"tier":"silver"}"""));
        Clock.Now += TimeSpan.FromMinutes(10);
        var next = look.Look().Single();
        Assert.That((next.Comparison!.People, next.ComparingSince), Is.EqualTo((1L, (DateTimeOffset?)Clock.Now)));
        await look.Work;
        Assert.That(look.Look().Single().Comparison!.People, Is.EqualTo(2));
    }

    /// <summary>Whatever characters a name has: it stands in SQL and in paths of JSON.</summary>
    [TestCase("say \"hi\"")]
    [TestCase("a.b")]
    [TestCase("x$y")]
    [TestCase("back\\slash")]
    [TestCase("o'clock")]
    [TestCase("größe[0]")]
    [TestCase("0")]
    public async Task Should_be_compared_under_any_name(string name)
    {
        var (one, two) = (Unique("p"), Unique("p"));
        string Stated(string value) => new JsonObject { [name] = value }.ToJsonString();
        await TakeInAsync(Profile(_old, 1, one, Stated("x")), Profile(_old, 1, two, Stated("x")), Profile(_new, 2, one, Stated("x")), Profile(_new, 2, two, Stated("y")));
        var count = (await Comparer().CompareAsync(_new, CancellationToken.None)).Attributes.Single(count => count.Name == name);
        Assert.That((count.OnlyShadow, count.Different, count.Equal, count.LastAt), Is.EqualTo((0, 1, 1, (DateTimeOffset?)_begin.AddMinutes(2))));
        Assert.That((await Comparer().ListAsync(_new, ShadowKind.Attribute, name, ShadowState.Different, true, new PageAsk(), CancellationToken.None)).Items.Single().Key, Is.EqualTo($"external_id:{two}"));
        await ChangeOverAsync(Swapped());
        Assert.That((string?)(await AttributesAsync(two))![name], Is.EqualTo("y"));
    }

    [Test]
    public async Task Should_be_counted_once_however_often_a_fact_comes()
    {
        ReadOnlyMemory<byte>[] facts = [Profile(_new, 2, _person, """{"tier":"silver"}"""), Event(_new, 4, _person), Consent(_new, 5, _person, "granted")];
        var first = await TakeInAsync(facts);
        var again = await TakeInAsync([.. facts, facts[0]]);
        Assert.That(first.Select(verdict => verdict.CameTo), Is.All.EqualTo("shadowed"));
        Assert.That(again.Select(verdict => verdict.CameTo), Is.All.EqualTo("duplicate"));
        Assert.That(await CountAsync($"SELECT CAST(sum(facts) AS bigint) FROM fact_volumes WHERE producer = '{_new}'"), Is.EqualTo(3));
        await ChangeOverAsync(Acme.Hub());
        Assert.That(await WriteAsync(db => ShadowBook.DropIdsAsync(db, DateTimeOffset.UtcNow.AddDays(1), 10_000, CancellationToken.None)), Is.GreaterThanOrEqualTo(3), "known for as long as facts are kept");
        Assert.That((await TakeInAsync(Acme.Hub(), facts)).Select(verdict => verdict.CameTo), Is.All.EqualTo("accepted"), "once it counts it may state all of it again");
    }

    /// <summary>Whoever set a fact of a shadow aside lets it in as what it is.</summary>
    [Test]
    public async Task Should_not_count_for_having_been_set_aside()
    {
        var told = (await TakeInAsync(Fact(_new, 2, "profile_updated", Subject(_person), """{"attributes":{"tier":[]}}"""))).Single().Quarantined!.QuarantineId;
        var terms = new FactTerms(Hub());
        var release = new QuarantineRelease(Transactions, Service<IQuarantine>(), Ledger, FactRetention.Default, Intake(Hub()), terms, TimeProvider.System, NullLogger<QuarantineRelease>.Instance);
        var (_, refusal) = await release.FixAsync(told, _ => Profile(_new, 2, _person, """{"tier":"silver"}""").ToArray(), "anna", CancellationToken.None);
        Assert.That((refusal, await AttributesAsync(_person), await KeptAsync()), Is.EqualTo(((QuarantineRefusal?)null, (JsonObject?)null, 1L)));
    }

    /// <summary>Whom a statement is about is asked when it is compared: also who became known since, and who holds an address.</summary>
    [Test]
    public async Task Should_be_resolved_by_the_keys_that_stand()
    {
        var email = $"{_person}@x.test";
        await TakeInAsync(Fact(_new, 1, "profile_updated", $$"""{"email":"{{email}}"}""", """{"attributes":{"tier":"golden"}}"""));
        Assert.That((await Comparer().CompareAsync(_new, CancellationToken.None)).Unknown, Is.EqualTo(1));
        await TakeInAsync(Profile(_old, 2, _person, """{"tier":"golden"}""", email));
        Assert.That((await Comparer().CompareAsync(_new, CancellationToken.None)).Unknown, Is.Zero);
        Assert.That((await Comparer().ListAsync(_new, ShadowKind.Attribute, "tier", ShadowState.Equal, true, new PageAsk(), CancellationToken.None)).Items.Single().Key, Is.EqualTo($"email:{email}"));
        await TakeInAsync(Profile(_old, 3, Unique("other"), "{}", email));
        Assert.That((await Comparer().CompareAsync(_new, CancellationToken.None)).Unknown, Is.EqualTo(1), "two people claim the address, so it is nobody's");
    }

    [Test]
    public async Task Should_deny_and_never_grant()
    {
        var email = $"{_person}@x.test";
        await TakeInAsync(Profile(_old, 1, _person, "{}", email));
        await TakeInAsync(Consent(_new, 2, _person, "granted"));
        var granted = await StatusAsync(_person);
        await TakeInAsync(Consent(_new, 3, _person, "denied", $"{Unique("someone")}@x.test"));
        var (denied, claims) = (await StatusAsync(_person), await CountAsync($"SELECT count(*) FROM identity_claims WHERE key_a = 'external_id:{_person}'"));
        Assert.Multiple(() =>
        {
            Assert.That((granted, denied), Is.EqualTo(((string?)null, "denied")));
            Assert.That(claims, Is.EqualTo(1), "the address that the shadow names beside is not claimed");
        });
        Assert.That((await Comparer().CompareAsync(_new, CancellationToken.None)).People, Is.Zero);
    }

    [Test]
    public async Task Should_hear_a_deletion()
    {
        await TakeInAsync(Profile(_old, 1, _person, """{"tier":"golden"}"""));
        await TakeInAsync(Fact(_new, 2, "profile_deleted", Subject(_person), "{}"));
        Assert.That(await TextAsync("SELECT consent FROM profiles WHERE external_id = @id", ("id", _person)), Does.Contain("suppression:profile_deleted"));
    }

    [Test]
    public async Task Should_vanish_with_whoever_is_erased_and_not_come_back()
    {
        var (unknown, email) = (Unique("unknown"), $"{_person}@x.test");
        await TakeInAsync(Profile(_old, 1, _person, "{}", email), Profile(_new, 2, _person, """{"tier":"silver"}"""), Profile(_new, 2, unknown, """{"tier":"silver"}""", email.ToUpperInvariant()), Profile(_new, 2, Unique("stays"), """{"tier":"silver"}"""));
        Assert.That(await KeptAsync(), Is.EqualTo(4), "an address is one more");

        var request = Guid.NewGuid();
        await WriteAsync(async db =>
        {
            var person = (await Service<PersonSearch>().FindAsync(db, new PersonKey(KeyKind.ExternalId, _person), CancellationToken.None))!;
            await Service<SealedPeople>().KeepAsync(db, request, person, CancellationToken.None);
            await Service<PersonErasure>().SuppressAsync(db, request, "objection", Noon, CancellationToken.None);
        });

        var kept = await KeptAsync();
        var told = await TakeInAsync(Profile(_new, 3, _person, """{"tier":"silver"}"""), Profile(_new, 3, unknown, "{}", email), Profile(_new, 3, Unique("other"), """{"tier":"silver"}"""));
        Assert.Multiple(() =>
        {
            Assert.That(kept, Is.EqualTo(1), "under an id that the hub does not know too: the address is the person's");
            Assert.That(told.Select(verdict => verdict.IsErased), Is.EqualTo(new[] { true, true, false }));
        });
        Assert.That(await KeptAsync(), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_be_compared_with_lists_too()
    {
        string[] people = [.. Enumerable.Range(0, 3).Select(_ => Unique("p"))];
        await TakeInAsync([.. people.Select(id => Membership(_old, 1, id, true))]);
        await LoadAsync("full", [.. people]);
        Assert.That(await AudienceAsync(), Is.EqualTo(new ShadowCountJson(_audience, 0, 0, 0, 3)));
        await LoadAsync("full", people[0], "");
        Assert.That(await AudienceAsync(), Is.EqualTo(new ShadowCountJson(_audience, 0, 0, 0, 3)), "a row that could not be read may be about anybody");
        await LoadAsync("full", people[0], $"{people[1]},perhaps");
        Assert.That(await AudienceAsync(), Is.EqualTo(new ShadowCountJson(_audience, 1, 0, 0, 2)), "nor may one whose id alone could be read be about anybody else");
        var report = await LoadAsync("full", people[0]);
        Assert.That((report.State, report.Accepted), Is.EqualTo(("shadowed", 1L)));
        Assert.That(await AudienceAsync(), Is.EqualTo(new ShadowCountJson(_audience, 2, 0, 0, 1)));
        await LoadAsync("delta", people[1]);
        Assert.That(await AudienceAsync(), Is.EqualTo(new ShadowCountJson(_audience, 1, 0, 0, 2)));
        Assert.That(await CountAsync($"SELECT count(*) FROM snapshots WHERE audience = '{_audience}'"), Is.Zero, "no run can apply it");
        Assert.That(await MembersAsync(_audience), Is.EqualTo(3));
    }

    [Test]
    public async Task Should_count_when_they_change_places_and_give_way_when_that_is_taken_back()
    {
        var (joins, leaves) = (Unique("joins"), Unique("leaves"));
        await WriteAsync(db => Ledger.RouteAudiencesAsync(db, [new AudienceRoute(_audience, Braze)], CancellationToken.None));
        await TakeInAsync(Profile(_old, 3, _person, """{"tier":"golden","city":"Bern"}"""), Membership(_old, 1, _person, true), Membership(_old, 1, leaves, true));
        await TakeInAsync(Profile(_new, 2, _person, """{"tier":"silver","size":4}"""), Membership(_new, 2, _person, true), Membership(_new, 2, leaves, false), Profile(_new, 2, joins, """{"tier":"silver"}"""), Membership(_new, 2, joins, true));
        var audience = await AudienceAsync();
        Assert.That(audience, Is.EqualTo(new ShadowCountJson(_audience, 1, 1, 0, 1)));
        await WriteAsync(async db => await (await DbSession.OpenAsync(db, CancellationToken.None)).ExecuteAsync("DELETE FROM audience_changes", CancellationToken.None));

        var swapped = Swapped();
        await ChangeOverAsync(swapped);
        var after = (await AttributesAsync(_person))!;
        Assert.That(((string?)after["tier"], (int?)after["size"], (string?)after["city"]), Is.EqualTo(("silver", 4, "Bern")), "what it stated earlier counts as of the change, and what it says nothing of stays");
        Assert.That((string?)(await AttributesAsync(joins))!["tier"], Is.EqualTo("silver"));
        Assert.That(await InAsync(), Is.EquivalentTo(new[] { _person, joins }));
        Assert.That(await CountAsync($"SELECT count(*) FROM audience_changes WHERE audience = '{_audience}'"), Is.EqualTo(3), "the next run sends what differs and looks at nobody else");
        Assert.That((await Comparer(swapped).CompareAsync(_old, CancellationToken.None)).Audiences.Select(Counted), Is.EqualTo(new[] { audience with { OnlyCounting = audience.OnlyShadow, OnlyShadow = audience.OnlyCounting } }), "the same seen from the other side");
        await TakeInAsync(swapped, Profile(_old, 150, _person, """{"tier":"bronze"}"""));
        Assert.That((string?)(await AttributesAsync(_person))!["tier"], Is.EqualTo("silver"), "it only shadows now");

        await ChangeOverAsync(Hub());
        var back = (await AttributesAsync(_person))!;
        Assert.That(((string?)back["tier"], back.ContainsKey("size"), (string?)back["city"]), Is.EqualTo(("bronze", false, "Bern")), "as it stood and was stated meanwhile, and what the other one filled in is gone");
        Assert.That((await AttributesAsync(joins))!.ContainsKey("tier"), Is.False);
        Assert.That(await InAsync(), Is.EquivalentTo(new[] { _person, leaves }));
        Assert.That(await ChangeOverAsync(Hub()), Is.Zero, "once");
    }

    [Test]
    public async Task Should_be_forgotten_when_it_shadows_nobody_any_more()
    {
        await TakeInAsync(Profile(_old, 1, _person, """{"tier":"golden"}"""), Profile(_new, 2, _person, """{"tier":"silver"}"""));
        await ChangeOverAsync(Acme.Hub());
        Assert.That(((string?)(await AttributesAsync(_person))!["tier"], await KeptAsync()), Is.EqualTo(("golden", 0L)));
    }

    [Test]
    public async Task Should_be_left_alone_by_a_hub_that_runs_another_version()
    {
        await TakeInAsync(Profile(_new, 2, _person, """{"tier":"silver"}"""));
        var behind = new RunningConfiguration(ConfigurationFiles.Of(new Dictionary<string, string>()), await ActivateAsync(Unique("version")));
        await ActivateAsync(Unique("version"));
        await Takeover(Acme.Hub(), behind).EndAsync(CancellationToken.None);
        await Takeover(Swapped(), behind).EndAsync(CancellationToken.None);
        Assert.That(await KeptAsync(), Is.EqualTo(1));
    }

    private static ShadowCountJson Others(ShadowComparisonJson told, string name, long onlyShadow, long different, long equal) =>
        new(name, told.Attributes.Single(count => count.Name == name).OnlyCounting, onlyShadow, different, equal);

    private HubConfiguration Hub() => Acme.Hub() with { Ownership = Owned(_old) with { Shadows = new Dictionary<string, string> { [_new] = _old } } };

    private HubConfiguration Swapped() => Acme.Hub() with { Ownership = Owned(_new) with { Shadows = new Dictionary<string, string> { [_old] = _new } } };

    private static OwnershipRules Owned(string owner) => new(new Dictionary<string, AttributeOwnership> { ["tier"] = new(owner, ConflictRule.OwnerWins), ["city"] = new(owner, ConflictRule.OwnerWins) });

    private ShadowComparer Comparer(HubConfiguration? hub = null) => new(hub ?? Hub(), Transactions);

    private T Service<T>()
        where T : notnull => Scopes.CreateScope().ServiceProvider.GetRequiredService<T>();

    private ShadowTakeover Takeover(HubConfiguration hub, RunningConfiguration running) => new(hub, running, Transactions, Ledger, Intake(hub), FactRetention.Default, Clock, NullLogger<ShadowTakeover>.Instance);

    /// <summary>Puts a version in force and has a hub that runs it end the shadows that it does not have.</summary>
    /// <returns>Facts that this appended.</returns>
    private async Task<long> ChangeOverAsync(HubConfiguration hub)
    {
        const string Facts = "SELECT count(*) FROM fact_ids";
        await WriteAsync(async db => await (await DbSession.OpenAsync(db, CancellationToken.None)).ExecuteAsync("DELETE FROM shadow_statements WHERE source <> @old AND source <> @new", CancellationToken.None, ("old", _old), ("new", _new)));
        var before = await CountAsync(Facts);
        _changes++;
        var version = await ActivateAsync(Unique("version"), _begin.AddHours(2 * _changes));
        await Takeover(hub, new RunningConfiguration(ConfigurationFiles.Of(new Dictionary<string, string>()), version)).EndAsync(CancellationToken.None);
        return await CountAsync(Facts) - before;
    }

    private Task<IReadOnlyList<FactVerdict>> TakeInAsync(params ReadOnlyMemory<byte>[] facts) => TakeInAsync(Hub(), facts);

    private Task<IReadOnlyList<FactVerdict>> TakeInAsync(HubConfiguration hub, params ReadOnlyMemory<byte>[] facts) => Intake(hub).TakeInAsync(facts, CancellationToken.None);

    private async Task<SnapshotReport> LoadAsync(string kind, params string[] ids)
    {
        var audience = new AudienceConfiguration { Key = _audience, DisplayName = _audience, Columns = [new SnapshotColumn("id", ColumnRole.ExternalId, null)], Guardrail = new AudienceGuardrail(1, null), Destinations = [] };
        using var file = new MemoryStream(Encoding.UTF8.GetBytes($"id,is_member\n{string.Concat(ids.Select(id => id.Contains(',', StringComparison.Ordinal) ? $"{id}\n" : $"{id},true\n"))}"));
        Clock.Now += TimeSpan.FromSeconds(1);
        return await new ShadowList(Transactions, Ledger, Intake(Hub()), Hub(), Clock, NullLogger<ShadowList>.Instance).LoadAsync(_new, audience, kind, file, SnapshotFormat.Csv, "members.csv", CancellationToken.None);
    }

    private async Task<ShadowCountJson> AudienceAsync() => Counted((await Comparer().CompareAsync(_new, CancellationToken.None)).Audiences.Single());

    private static ShadowCountJson Counted(ShadowCountJson count) => count with { LastAt = null };

    private Task<long> KeptAsync() => CountAsync($"SELECT count(*) FROM shadow_statements WHERE source = '{_new}'");

    /// <summary>Everything that a statement might change, as numbers.</summary>
    private async Task<IReadOnlyList<long>> StandsAsync()
    {
        var counts = new List<long>();
        foreach (var sql in new[] { "SELECT COALESCE(sum(version), 0) FROM profiles", "SELECT count(*) FROM memberships", "SELECT count(*) FROM identity_keys", "SELECT count(*) FROM identity_claims", "SELECT count(*) FROM facts", "SELECT count(*) FROM audience_changes", "SELECT count(*) FROM deliveries", "SELECT count(*) FROM consent_history" })
        {
            counts.Add(await CountAsync(sql));
        }

        return counts;
    }

    private async Task<JsonObject?> AttributesAsync(string id) =>
        await AttributesWhereAsync("external_id = @id", ("id", id)) is { } text ? JsonNode.Parse(text)!.AsObject() : null;

    private Task<string?> StatusAsync(string id) => TextAsync("SELECT status FROM consents WHERE subject_key LIKE @id AND purpose = 'email_marketing'", ("id", $"%{id}"));

    private Task<List<string>> InAsync() => ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return await session.ReadAsync("SELECT p.external_id FROM memberships m JOIN profiles p ON p.profile_id = m.profile_id WHERE m.audience = @audience AND m.is_member", row => row.GetString(0), CancellationToken.None, ("audience", _audience));
    });

    private static string Subject(string id, string? email = null) => email is null ? $$"""{"external_id":"{{id}}"}""" : $$"""{"external_id":"{{id}}","email":"{{email}}"}""";

    private static ReadOnlyMemory<byte> Profile(string producer, int minute, string id, string attributes, string? email = null) => Fact(producer, minute, "profile_updated", Subject(id, email), $$"""{"attributes":{{attributes}}}""");

    private ReadOnlyMemory<byte> Membership(string producer, int minute, string id, bool isMember) =>
        Fact(producer, minute, "audience_membership_changed", Subject(id), $$"""{"audience":"{{_audience}}","is_member":{{(isMember ? "true" : "false")}}}""");

    private static ReadOnlyMemory<byte> Event(string producer, int minute, string id) => Fact(producer, minute, "behavior_tracked", Subject(id), """{"name":"product_viewed","properties":{}}""");

    private static ReadOnlyMemory<byte> Consent(string producer, int minute, string id, string status, string? email = null) =>
        Fact(producer, minute, "consent_updated", Subject(id, email), $$"""{"purpose":"email_marketing","status":"{{status}}","source":"form"}""");

    private static ReadOnlyMemory<byte> Fact(string producer, int minute, string type, string subject, string payload) => Encoding.UTF8.GetBytes(
        $$"""{"event_id":"{{Guid.NewGuid()}}","event_type":"{{type}}","occurred_at":"{{_begin.AddMinutes(minute):O}}","producer":"{{producer}}","subject":{{subject}},"payload":{{payload}}}""");
}
