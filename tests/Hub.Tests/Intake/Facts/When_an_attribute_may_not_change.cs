using System.Text;
using System.Text.Json.Nodes;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Paging;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Intake.Facts;

/// <summary>Attributes that may not change keep what counts of them; what does not is counted, answered and kept in the log, and everything else of its fact or row counts.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_an_attribute_may_not_change(StorageDatabase database) : DeliveryFixture(database)
{
    private const string Crm = "crm";

    private static readonly OwnershipRules _ownership = new(new Dictionary<string, AttributeOwnership>
    {
        ["birthday"] = new(Crm, ConflictRule.Newest) { Mutability = AttributeMutability.Immutable },
        ["code"] = new(Crm, ConflictRule.OwnerWins) { Mutability = AttributeMutability.WriteOnce },
        ["title"] = new(Crm, ConflictRule.OwnerWins) { Mutability = AttributeMutability.FillEmpty },
        ["tier"] = new(Crm, ConflictRule.Flag),
        ["tags"] = new(Crm, ConflictRule.Newest) { Mutability = AttributeMutability.AppendOnly, Separator = "," },
    });

    private string _shop = null!;
    private string _person = null!;

    [SetUp]
    public void Name_everything_anew() => (_shop, _person) = (Unique("shop"), Unique("p"));

    protected override void AddServices(IServiceCollection services) => base.AddServices(services.AddSingleton(_ownership.InLedger));

    [TestCase(false)]
    [TestCase(true)]
    public async Task Should_keep_the_earliest_value_whichever_came_first(bool isReversed)
    {
        ReadOnlyMemory<byte>[] facts = [Fact(_shop, 1, """{"birthday":"1980-01-01","city":"Bonn"}"""), Fact(Crm, 2, """{"birthday":"1981-01-01"}"""), Fact(Crm, 3, """{"birthday":null,"code":"a"}"""), Fact(Crm, 4, """{"code":null}"""), Fact(Crm, 5, """{"code":"b"}""")];
        foreach (var fact in isReversed ? facts.Reverse() : facts)
        {
            await TakeInAsync(fact);
        }

        var held = await AttributesAsync();
        Assert.That(((string?)held["birthday"], (string?)held["city"], held.Count), Is.EqualTo(("1980-01-01", "Bonn", 2)), "code was taken away, and is not written again");
    }

    /// <summary>Elements of everybody who may state them, and none of them goes.</summary>
    [TestCase(false)]
    [TestCase(true)]
    public async Task Should_only_grow_whichever_came_first(bool isReversed)
    {
        ReadOnlyMemory<byte>[] facts = [Fact(_shop, 1, """{"tags":"b, a"}"""), Fact(Crm, 2, """{"tags":"c"}"""), Fact(Crm, 3, """{"tags":7}"""), Fact(_shop, 4, """{"tags":"a"}""")];
        foreach (var fact in isReversed ? facts.Reverse() : facts)
        {
            await TakeInAsync(fact);
        }

        Assert.That((string?)(await AttributesAsync())["tags"], Is.EqualTo("7,a,b,c"));
        var told = FactJson.From((await TakeInAsync(Fact(_shop, 5, """{"tags":null}""")))[0], 0);
        Assert.That((string?)(await AttributesAsync())["tags"], Is.EqualTo("7,a,b,c"), "a null takes nothing away");
        Assert.That(told.LeftOut, Is.EqualTo(new[] { "payload.attributes.tags" }));
        Assert.That(await TalliesAsync(_shop), Is.EqualTo(new[] { ("not_mutable", "profile_updated", "payload.attributes.tags", "null", "omit", 1L) }));
    }

    [Test]
    public async Task Should_answer_and_count_what_is_not_taken_and_take_the_rest()
    {
        await TakeInAsync(Fact(_shop, 1, """{"birthday":"1980-01-01"}"""));
        var fact = Fact(_shop, 2, """{"birthday":"1981-01-01","city":"Bonn"}""");
        var told = FactJson.From((await TakeInAsync(fact))[0], 0);
        await TakeInAsync(fact);
        await TakeInAsync(Fact(_shop, 3, """{"birthday":"1980-01-01"}"""));

        Assert.That(told.Status, Is.EqualTo("accepted"));
        Assert.That(told.LeftOut, Is.EqualTo(new[] { "payload.attributes.birthday" }));
        Assert.That((string?)(await AttributesAsync())["city"], Is.EqualTo("Bonn"));
        Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE producer = '{_shop}' AND body LIKE '%1981-01-01%'"), Is.EqualTo(1), "the log keeps what was stated");
        Assert.That(await CountAsync($"SELECT count(*) FROM quarantined_facts WHERE producer = '{_shop}'"), Is.Zero);
        Assert.That(await TalliesAsync(_shop), Is.EqualTo(new[] { ("not_mutable", "profile_updated", "payload.attributes.birthday", "string", "omit", 1L) }), "a repeat and the same value are none");
    }

    [Test]
    public async Task Should_be_filled_by_others_until_its_owner_speaks()
    {
        await TakeInAsync(Fact(_shop, 1, """{"title":"Dr"}"""), Fact(_shop, 2, """{"title":"Prof"}"""), Fact(Crm, 3, """{"title":null}"""));
        Assert.That((string?)(await AttributesAsync())["title"], Is.EqualTo("Dr"));
        await TakeInAsync(Fact(Crm, 0, """{"title":"Ms"}"""));
        Assert.That((await AttributesAsync()).ContainsKey("title"), Is.False, "its owner cleared it later than it gave it");
        await TakeInAsync(Fact(Crm, 4, """{"title":"Mx"}"""), Fact(_shop, 5, """{"title":"Prof"}"""));
        Assert.That((string?)(await AttributesAsync())["title"], Is.EqualTo("Mx"));
    }

    [Test]
    public async Task Should_be_a_finding_where_another_source_says_otherwise()
    {
        await TakeInAsync(Fact(Crm, 1, """{"tier":"gold"}"""), Fact(_shop, 2, """{"tier":"gold"}"""), Fact(_shop, 3, """{"tier":7}"""));
        Assert.That((string?)(await AttributesAsync())["tier"], Is.EqualTo("gold"));
        Assert.That(await TalliesAsync(_shop), Is.EqualTo(new[] { ("conflict", "profile_updated", "payload.attributes.tier", "number", "omit", 1L) }), "who agrees is no finding");
    }

    [Test]
    public async Task Should_be_kept_from_lists_too()
    {
        var audience = Unique("aud");
        await TakeInAsync(Fact(Crm, 1, """{"birthday":"1980-01-01","tier":"gold"}"""));
        await ApplyAsync(await LoadAsync(audience, "full", 60 * 24 * 300, [new StagedMember(2, _person, null, null, """{"birthday":"1981-01-01","tier":"none","city":"Bonn"}""", true)]));

        var held = await AttributesAsync();
        Assert.That(((string?)held["birthday"], (string?)held["tier"], (string?)held["city"]), Is.EqualTo(("1980-01-01", "gold", "Bonn")));
        Assert.That(await TalliesAsync($"list:{audience}"), Is.EquivalentTo(new[] { ("not_mutable", "list", "birthday", (string?)null, "omit", 1L), ("conflict", "list", "tier", null, "omit", 1L) }));
    }

    [Test]
    public async Task Should_be_the_earliest_of_both_when_two_become_one()
    {
        var email = $"{_person}@x.test";
        await TakeInAsync(Fact(Crm, 2, """{"birthday":"1981-01-01"}"""), Fact(_shop, 1, """{"birthday":"1980-01-01"}""", $$"""{"email":"{{email}}"}"""));
        Assert.That((string?)(await AttributesAsync())["birthday"], Is.EqualTo("1981-01-01"));
        await TakeInAsync(Fact(_shop, 3, """{"city":"Bonn"}""", $$"""{"external_id":"{{_person}}","email":"{{email}}"}"""));
        Assert.That((string?)(await AttributesAsync())["birthday"], Is.EqualTo("1980-01-01"));
    }

    [Test]
    public async Task Should_be_found_again_in_the_log()
    {
        LedgerFact[] log = [Profile(_person, """{"birthday":"1980-01-01"}""", 1), Profile(_person, """{"birthday":"1981-01-01"}""", 2)];
        await AppendAsync(log[1]);
        await WriteAsync(db => Ledger.RestateAsync(db, log, CancellationToken.None));
        Assert.That((string?)(await AttributesAsync())["birthday"], Is.EqualTo("1980-01-01"), "as of a person of before the rule");
        Assert.That(await WriteAsync(db => Ledger.RestateAsync(db, log, CancellationToken.None)), Is.Empty, "what is so already is no change");
    }

    private string Known => $$"""{"external_id":"{{_person}}"}""";

    private Task<IReadOnlyList<FactVerdict>> TakeInAsync(params ReadOnlyMemory<byte>[] facts) => Intake(Acme.Hub() with { Ownership = _ownership }).TakeInAsync(facts, CancellationToken.None);

    private async Task<IEnumerable<(string, string, string, string?, string, long)>> TalliesAsync(string producer) =>
        (await Transactions.ReadAsync(db => FactBook.ViolationsAsync(db, null, producer, new PageAsk(), CancellationToken.None))).Items
        .Select(tally => (tally.Violation.Type, tally.Violation.EventType, tally.Violation.Path, tally.Violation.Found, tally.Violation.Action, tally.Count));

    private async Task<JsonObject> AttributesAsync() => JsonNode.Parse((await AttributesWhereAsync("external_id = @id", ("id", _person)))!)!.AsObject();

    private ReadOnlyMemory<byte> Fact(string producer, int minute, string attributes, string? subject = null) => Encoding.UTF8.GetBytes(
        $$$$"""{"event_id":"{{{{Guid.NewGuid()}}}}","event_type":"profile_updated","occurred_at":"2026-11-20T10:0{{{{minute}}}}:00Z","producer":"{{{{producer}}}}","subject":{{{{subject ?? Known}}}},"payload":{"attributes":{{{{attributes}}}}}}""");
}
