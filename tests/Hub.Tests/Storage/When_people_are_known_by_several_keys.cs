using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>Profiles follow the law of identity: no order of arrival decides who somebody is, what is known of them and what they denied.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_people_are_known_by_several_keys(StorageDatabase database) : StorageFixture(database)
{
    private string _one = null!;
    private string _two = null!;
    private string _address = null!;

    [SetUp]
    public void Choose_people() => (_one, _two, _address) = (Unique("a"), Unique("b"), $"{Unique("m")}@x.test");

    private Task<string?> AttributesAsync(string externalId) => AttributesWhereAsync("external_id = @id AND person_id IS NULL", ("id", externalId));

    private Task<string?> ConsentAsync(string externalId) => TextAsync("SELECT consent FROM profiles WHERE external_id = @id", ("id", externalId));

    private Task<string?> StateAsync(string key) => TextAsync("SELECT state FROM identity_keys WHERE person_key = @key", ("key", key));

    private static LedgerFact Visit(string anonymous, int minute = 0, string? externalId = null) => Profile(externalId, "{}", minute) with
    {
        EventType = "behavior_tracked", AttributesJson = null, EventName = "visited", OtherKeys = [PersonKey.Of(KeyKind.AnonymousId, anonymous)!.Value],
    };

    [Test]
    public async Task Should_set_a_fact_aside_whose_only_key_two_people_claim()
    {
        await AppendAsync(Profile(_one, """{"city":"Bonn"}""", 0, _address), Profile(_two, """{"city":"Kiel"}""", 0, _address));
        var lost = Profile(null, """{"plan":"gold"}""", 1, _address);
        var result = await AppendAsync(lost, Profile(_one, """{"age":4}""", 2));
        Assert.That(result.Contested.Keys, Is.EqualTo(new[] { lost.EventId }));
        Assert.That(result.Contested[lost.EventId].Select(key => key.Value), Is.EqualTo(new[] { _one, _two }.Order(StringComparer.Ordinal)));
        Assert.That((result.Accepted, result.Duplicates), Is.EqualTo((1, 0)));
        Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE producer = 'test' AND event_id = '{(IsPostgres ? lost.EventId.ToString() : lost.EventId.ToString().ToUpperInvariant())}'"), Is.Zero);
        Assert.That((await AppendAsync(lost)).Contested, Has.Count.EqualTo(1), "it may come again");
        Assert.That(await StateAsync($"email:{_address}"), Is.EqualTo("contested"));
    }

    [Test]
    public async Task Should_take_back_from_a_person_what_was_stated_under_a_key_that_is_contested_now()
    {
        await AppendAsync(Profile(null, """{"city":"Bonn"}""", 0, _address));
        await AppendAsync(Profile(_one, """{"plan":"gold"}""", 1, _address));
        Assert.That(await AttributesAsync(_one), Is.EqualTo("""{"city":"Bonn","plan":"gold"}"""));
        await AppendAsync(Profile(_two, "{}", 2, _address));
        Assert.That(await AttributesAsync(_one), Is.EqualTo("""{"plan":"gold"}"""), "whose city it is nobody can tell");
    }

    [Test]
    public async Task Should_deny_everybody_who_may_own_a_contested_address()
    {
        await AppendAsync(Visit("x", 0, _one) with { Email = _address }, Profile(_two, "{}", 0, _address));
        await AppendAsync(Consent(null, "denied", 1, _address));
        await AppendAsync(Profile(_one, "{}", 2));
        Assert.That(await ConsentAsync(_one), Does.Contain("denied"), "claimed with the address before there was a profile");
        Assert.That(await ConsentAsync(_two), Does.Contain("denied"));
    }

    [Test]
    public async Task Should_remember_somebody_anonymous_until_it_is_somebody_known()
    {
        var (browser, visit) = (Unique("web"), Guid.NewGuid());
        await AppendAsync(Visit(browser) with { EventId = visit }, Visit(browser, 1));
        await AppendAsync(Profile(null, """{"city":"Bonn"}""", 2, _address) with { OtherKeys = [PersonKey.Of(KeyKind.AnonymousId, browser)!.Value] });
        await AppendAsync(Profile(_one, "{}", 3, _address));
        Assert.That(await AttributesAsync(_one), Is.EqualTo("""{"city":"Bonn"}"""));
        Assert.That(await CountAsync($"SELECT count(*) FROM facts f JOIN profiles r ON r.profile_id = f.profile_id JOIN profiles p ON p.profile_id = coalesce(r.person_id, r.profile_id) WHERE p.external_id = '{_one}'"), Is.EqualTo(4));
        Assert.That(await CountAsync($"SELECT count(*) FROM profiles WHERE external_id IS NULL AND person_id IS NULL AND email_key = '{_address}'"), Is.Zero);
    }

    [Test]
    public async Task Should_let_a_denial_of_somebody_anonymous_hold_for_whom_it_turns_out_to_be()
    {
        var browser = PersonKey.Of(KeyKind.AnonymousId, Unique("web"))!.Value;
        await AppendAsync(Consent(null, "denied") with { OtherKeys = [browser] });
        await AppendAsync(Profile(_one, "{}", 1) with { OtherKeys = [browser] });
        Assert.That(await ConsentAsync(_one), Does.Contain("denied"));
    }

    [Test]
    public async Task Should_write_nothing_of_keys_that_are_known()
    {
        await AppendAsync(Profile(_one, "{}", 0, _address));
        await AppendAsync(Profile(_one, """{"city":"Bonn"}""", 1, _address));
        Assert.That(await CountAsync($"SELECT count(*) FROM identity_claims WHERE key_b = 'email:{_address}' AND first_day = last_day"), Is.EqualTo(1));
        await AppendAsync(Profile(_one, "{}", 3 * 24 * 60, _address));
        Assert.That(await CountAsync($"SELECT last_day - first_day FROM identity_claims WHERE key_b = 'email:{_address}'"), Is.EqualTo(3));
    }

    [Test]
    public async Task Should_find_out_anew_where_keys_stand_when_the_rules_are_others()
    {
        await AppendAsync(Profile(_one, "{}", 0, _address));
        await WriteAsync(db => Ledger.UseIdentityRulesAsync(db, CancellationToken.None));
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync("UPDATE identity_rules SET rules = 'others'", CancellationToken.None);
        });
        await WriteAsync(db => Ledger.UseIdentityRulesAsync(db, CancellationToken.None));
        Assert.That(await StateAsync($"email:{_address}"), Is.Null);
        await AppendAsync(Profile(null, """{"city":"Bonn"}""", 1, _address));
        Assert.That((await StateAsync($"email:{_address}"), await AttributesAsync(_one)), Is.EqualTo(("held", """{"city":"Bonn"}""")));
    }
}
