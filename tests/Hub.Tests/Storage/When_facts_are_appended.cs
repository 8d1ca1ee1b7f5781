using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Storage;

[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_facts_are_appended(StorageDatabase database) : StorageFixture(database)
{
    private readonly string _id = Unique("person");

    private Task<string?> AttributesAsync(string externalId) =>
        AttributesWhereAsync("external_id = @id", ("id", externalId));

    private Task<string?> ConsentAsync(string externalId) =>
        TextAsync("SELECT consent FROM profiles WHERE external_id = @id", ("id", externalId));

    private Task<long> VersionAsync(string externalId) => CountAsync($"SELECT version FROM profiles WHERE external_id = '{externalId}'");

    private Task<long> ProfilesAsync(string emailKey) => CountAsync($"SELECT count(*) FROM profiles WHERE email_key = '{emailKey}'");

    private async Task AssertOneIsNewAsync(params LedgerFact[] facts)
    {
        var result = await AppendAsync(facts);
        Assert.That((result.Accepted, result.Duplicates), Is.EqualTo((1, 1)));
        Assert.That(facts.Select(fact => fact.EventId), Does.Contain(result.News.Single()));
    }

    [Test]
    public async Task Should_swallow_repeats_within_a_call_and_between_calls()
    {
        var id = Unique("repeat");
        var fact = Profile(id, """{"city":"Bonn"}""");
        await AssertOneIsNewAsync(fact, fact);
        await AssertOneIsNewAsync(fact, Profile(id, """{"city":"Kiel"}""", 1));
        Assert.That(await AttributesAsync(id), Is.EqualTo("""{"city":"Kiel"}"""));
        Assert.That(await CountAsync($"SELECT count(*) FROM facts f JOIN profiles p ON p.profile_id = f.profile_id WHERE p.external_id = '{id}'"), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_place_new_facts_in_the_order_given_and_tell_where_they_stand()
    {
        LedgerFact[] facts = [.. Enumerable.Range(0, 20).Select(i => Profile(Unique("placed"), "{}", -i) with { TenantId = i % 2 == 0 ? "default" : "other" })];
        var first = await AppendAsync(facts[..10]);
        var second = await AppendAsync([facts[3], .. facts[10..]]);
        long[] positions = [.. facts[..10].Select(fact => first.Places[fact.EventId].Position), .. facts[10..].Select(fact => second.Places[fact.EventId].Position)];
        Assert.That(positions, Is.Ordered.And.Unique);
        Assert.That(second.Places, Does.Not.ContainKey(facts[3].EventId));
        foreach (var fact in facts)
        {
            var position = Convert.ToInt64(await TextAsync($"SELECT CAST(position AS text) FROM facts WHERE event_id = @id", ("id", fact.EventId)), System.Globalization.CultureInfo.InvariantCulture);
            Assert.That(positions[Array.IndexOf(facts, fact)], Is.EqualTo(position));
        }
    }

    [Test]
    public async Task Should_keep_what_happened_to_a_lead_or_an_account_beside_the_person_and_change_nothing_of_the_profile()
    {
        var id = Unique("lead");
        await AppendAsync(Profile(id, """{"city":"Kiel"}"""));
        LedgerFact Sales(string type, string? person) => new() { EventId = Guid.NewGuid(), EventType = type, OccurredAt = DateTimeOffset.UnixEpoch, Producer = id, ExternalId = person, BodyJson = "{}" };
        await AppendAsync(Sales("lead_scored", id), Sales("account_updated", null), Sales("opportunity_created", Unique("nobody")));
        Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE producer = '{id}'"), Is.EqualTo(3));
        Assert.That(await CountAsync($"SELECT count(*) FROM facts f JOIN profiles p ON p.profile_id = f.profile_id WHERE f.producer = '{id}' AND p.external_id = '{id}'"), Is.EqualTo(1));
        Assert.That(await VersionAsync(id), Is.EqualTo(1));
        Assert.That(await CountAsync("SELECT count(*) FROM profiles WHERE external_id LIKE 'nobody%'"), Is.Zero);
    }

    [Test]
    public async Task Should_let_the_later_fact_win_attribute_by_attribute_whatever_the_order()
    {
        var id = Unique("order");
        await AppendAsync(Profile(id, """{"city":"Kiel","plan":"gold"}""", 5));
        await AppendAsync(Profile(id, """{"city":"Bonn","age":41}""", 1));
        await AppendAsync(Profile(id, """{"plan":null}""", 9));
        await AppendAsync(Profile(id, """{"plan":"silver"}""", 7));
        Assert.That(await AttributesAsync(id), Is.EqualTo("""{"city":"Kiel","age":41}"""));
    }

    [Test]
    public async Task Should_not_raise_the_version_for_unchanged_content()
    {
        var id = Unique("same");
        await AppendAsync(Profile(id, """{"city":"Kiel"}"""));
        await AppendAsync(Profile(id, """{"city":"Kiel"}""", 3));
        Assert.That(await VersionAsync(id), Is.EqualTo(1));
        await AppendAsync(Profile(id, """{"city":"Bonn"}""", 2));
        Assert.That(await AttributesAsync(id), Is.EqualTo("""{"city":"Kiel"}"""), "the repeat moved the time on, so the fact in between is late");
    }

    [Test]
    public async Task Should_apply_consent_that_came_before_the_profile()
    {
        var id = Unique("early");
        await AppendAsync(Consent(id, "granted"));
        Assert.That(await CountAsync($"SELECT count(*) FROM profiles WHERE external_id = '{id}'"), Is.Zero);
        await AppendAsync(Profile(id, "{}"));
        Assert.That(await ConsentAsync(id), Does.Contain("\"s\":\"granted\""));
    }

    [Test]
    public async Task Should_take_the_latest_decision_over_all_keys_and_a_denial_of_two_at_once()
    {
        var id = Unique("keys");
        var email = $"{id}@example.org";
        await AppendAsync(Profile(id, "{}", 0, email), Consent(id, "granted", 1));
        await AppendAsync(Consent(null, "denied", 1, email.ToUpperInvariant()));
        Assert.That(await ConsentAsync(id), Does.Contain("\"s\":\"denied\""));
        await AppendAsync(Consent(id, "granted", 2));
        Assert.That(await ConsentAsync(id), Does.Contain("\"s\":\"granted\""));
        await AppendAsync(Consent(id, "denied", 0));
        Assert.That(await ConsentAsync(id), Does.Contain("\"s\":\"granted\""), "an earlier decision that comes late");
        Assert.That(await CountAsync($"SELECT count(*) FROM consent_history WHERE subject_key IN ('id:{id}', 'email:{email}')"), Is.EqualTo(4));
    }

    [Test]
    public async Task Should_not_create_a_profile_for_consent_of_an_unknown_address()
    {
        var email = $"{Unique("nobody")}@example.org";
        await AppendAsync(Consent(null, "denied", 0, email));
        Assert.That(await ProfilesAsync(email), Is.Zero);
        await AppendAsync(Profile(null, """{"city":"Bonn"}""", 1, email));
        Assert.That(await TextAsync("SELECT consent FROM profiles WHERE email_key = @email", ("email", email)), Does.Contain("denied"));
    }

    [Test]
    public async Task Should_adopt_the_profile_that_has_only_the_address()
    {
        var id = Unique("adopted");
        var email = $"{id}@example.org";
        await AppendAsync(Profile(null, """{"city":"Bonn"}""", 0, email));
        await AppendAsync(Profile(id, """{"plan":"gold"}""", 1, email.ToUpperInvariant()));
        Assert.That(await ProfilesAsync(email), Is.EqualTo(1));
        Assert.That(await AttributesAsync(id), Is.EqualTo("""{"city":"Bonn","plan":"gold"}"""));
        await AppendAsync(Profile(null, """{"age":9}""", 2, email));
        Assert.That(await AttributesAsync(id), Is.EqualTo("""{"age":9,"city":"Bonn","plan":"gold"}"""));
    }

    [Test]
    public async Task Should_mark_members_for_delta_runs_of_the_destinations_of_their_audiences()
    {
        var id = Unique("marked");
        var audience = Unique("aud");
        await WriteAsync(db => Ledger.RouteAudiencesAsync(db, [new AudienceRoute(audience, "one"), new AudienceRoute(audience, "two")], CancellationToken.None));
        await AppendAsync(Membership(id, audience, true));
        Assert.That(await CountAsync($"SELECT count(*) FROM audience_changes WHERE audience = '{audience}'"), Is.EqualTo(2));
        await WriteAsync(db => Plans.OpenAsync(db, Request(Guid.NewGuid(), audience, "delta", "one"), CancellationToken.None));
        Assert.That(await CountAsync($"SELECT count(*) FROM audience_changes WHERE audience = '{audience}'"), Is.EqualTo(1));
        await AppendAsync(Profile(id, """{"city":"Bonn"}""", 1));
        Assert.That(await CountAsync($"SELECT count(*) FROM audience_changes WHERE audience = '{audience}'"), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_never_let_an_earlier_membership_win()
    {
        var id = Unique("member");
        var audience = Unique("aud");
        await AppendAsync(Membership(id, audience, false, 5), Membership(id, audience, true, 3));
        await AppendAsync(Membership(id, audience, true, 4));
        Assert.That(await MembersAsync(audience), Is.Zero);
        await AppendAsync(Membership(id, audience, true, 6));
        Assert.That(await MembersAsync(audience), Is.EqualTo(1));
    }

    [TestCase(true, false)]
    [TestCase(false, true)]
    public async Task Should_count_as_a_member_of_one_time_whichever_came_first(bool first, bool second)
    {
        var audience = Unique("aud");
        var (apart, together) = (Unique("apart"), Unique("together"));
        await AppendAsync(Membership(apart, audience, first, 5));
        await AppendAsync(Membership(apart, audience, second, 5));
        await AppendAsync(Membership(together, audience, first, 5), Membership(together, audience, second, 5));
        Assert.That(await MembersAsync(audience), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_serialise_concurrent_batches_about_the_same_people()
    {
        var stem = Unique("busy");
        var batches = Enumerable.Range(0, 8).Select(batch => Task.Run(async () =>
        {
            for (var round = 0; round < 5; round++)
            {
                var people = Enumerable.Range(0, 20).OrderBy(person => (person * 7 + batch * 13 + round) % 20);
                await AppendAsync([.. people.Select(person => batch % 2 == 0
                    ? Profile($"{stem}-{person}", $$"""{"b{{batch}}_{{round}}":1}""", batch, $"{stem}-{person}@example.org")
                    : Profile(null, $$"""{"b{{batch}}_{{round}}":1}""", batch, $"{stem}-{person}@example.org"))]);
            }
        }));
        await Task.WhenAll(batches);
        Assert.That(await CountAsync($"SELECT count(*) FROM profiles WHERE email_key LIKE '{stem}-%'"), Is.EqualTo(20), "no duplicate profile");
        var attributes = await AttributesAsync($"{stem}-3");
        Assert.That(attributes!.Split("\":1").Length - 1, Is.EqualTo(40), "no lost update");
    }

    [Test]
    public async Task Should_keep_tenants_apart()
    {
        await AppendAsync(Profile(_id, """{"t":"a"}"""), Profile(_id, """{"t":"b"}""") with { TenantId = "other" });
        Assert.That(await CountAsync($"SELECT count(*) FROM profiles WHERE external_id = '{_id}'"), Is.EqualTo(2));
    }

    [Test]
    public void Should_demand_a_transaction() =>
        Assert.That(
            async () => await ReadAsync(db => Ledger.AppendAsync(db, [Profile(_id, "{}")], CancellationToken.None)),
            Throws.InvalidOperationException.With.Message.Contains("Begin a transaction"));
}
