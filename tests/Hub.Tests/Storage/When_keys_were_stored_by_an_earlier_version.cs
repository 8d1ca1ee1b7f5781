using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>Keys in the form of earlier versions are brought into the normal one at the start; no denial is lost on the way.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_keys_were_stored_by_an_earlier_version(StorageDatabase database) : StorageFixture(database)
{
    private string _id = null!;
    private string _address = null!;

    [SetUp]
    public async Task Begin_anew()
    {
        (_id, _address) = (Unique("Ek"), $"{Unique("ek")}@example.test");
        await ExecuteAsync("DELETE FROM key_rewrites");
    }

    [Test]
    public async Task Should_know_the_person_under_every_spelling_afterwards()
    {
        await AppendAsync(Profile("x" + _id, "{}", 0, $"ju\u0308rgen.{_address}"));
        await ExecuteAsync("UPDATE profiles SET external_id = @old, email_key = @key WHERE external_id = @id", ("old", $"{_id}\u200B"), ("key", $"ju\u0308rgen.{_address}"), ("id", "x" + _id));
        await RewriteAsync();
        Assert.That(await TextAsync("SELECT email_key FROM profiles WHERE external_id = @id", ("id", _id)), Is.EqualTo($"j\u00FCrgen.{_address}"));
        await AppendAsync(Consent(null, "denied", 1, $"J\u00DCRGEN.{_address}"));
        Assert.That(await IsDeniedAsync(_id), Is.True);
    }

    [Test]
    public async Task Should_keep_what_was_denied_under_an_earlier_spelling_of_the_persons_key()
    {
        await AppendAsync(Profile(_id, "{}"));
        await DecideAsync($"id:{_id}\u00AD", "denied", 1);
        await RewriteAsync();
        Assert.That(await IsDeniedAsync(_id), Is.True);
        Assert.That(await TextAsync("SELECT status FROM consents WHERE subject_key = @key", ("key", $"id:{_id}\u00AD")), Is.Null);
    }

    [TestCase("denied", 1, "granted", 2)]
    [TestCase("granted", 1, "denied", 2)]
    [TestCase("denied", 2, "granted", 1)]
    [TestCase("granted", 2, "denied", 1)]
    public async Task Should_hold_a_denial_of_either_where_two_keys_become_one(string earlier, int earlierAt, string normal, int normalAt)
    {
        await AppendAsync(Profile(_id, "{}", 0, $"\u00E9.{_address}"));
        await DecideAsync($"email:e\u0301.{_address}", earlier, earlierAt);
        await DecideAsync($"email:\u00E9.{_address}", normal, normalAt);
        await RewriteAsync();
        Assert.That(await IsDeniedAsync(_id), Is.True);
        Assert.That(await CountAsync($"SELECT count(*) FROM consents WHERE subject_key LIKE 'email:%{_address}'"), Is.EqualTo(1));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_hold_a_denial_of_either_where_two_people_become_one(bool isOfTheEarlier)
    {
        await AppendAsync(Profile(_id, "{}"), Profile("y" + _id, """{"city":"Ulm"}"""));
        await ExecuteAsync("UPDATE profiles SET external_id = @old WHERE external_id = @id", ("old", $"\u00A0{_id}"), ("id", "y" + _id));
        await DecideAsync(isOfTheEarlier ? $"id:\u00A0{_id}" : $"id:{_id}", "denied", 1);
        await RewriteAsync();
        Assert.That((await IsDeniedAsync(_id), await IsDeniedAsync($"\u00A0{_id}")), Is.EqualTo((true, true)));
        await AppendAsync(Consent(_id, "granted", 9));
        Assert.That(await IsDeniedAsync(_id), Is.False, "the person may come back");
    }

    [Test]
    public async Task Should_owe_the_destinations_what_is_denied_by_it()
    {
        var destination = Unique("dest");
        await WriteAsync(db => Ledger.RouteConsentsAsync(db, [new ConsentRoute(destination, "email_marketing")], partitions: 1, CancellationToken.None));
        await AppendAsync(Profile(_id, "{}"));
        await ExecuteAsync("INSERT INTO destination_profiles (destination, profile_id) SELECT @destination, profile_id FROM profiles WHERE external_id = @id", ("destination", destination), ("id", _id));
        await DecideAsync($"id:{_id} ", "denied", 1);
        await RewriteAsync();
        Assert.That(await CountAsync($"SELECT count(*) FROM deliveries WHERE destination = '{destination}' AND operation = 4"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_claim_the_keys_among_the_values_of_profiles_that_were_there()
    {
        await AppendAsync(Profile(_id, "{}") with { Phone = "+436641234567" });
        await ExecuteAsync("DELETE FROM former_keys");
        await DecideAsync("phone:+436641234567", "denied", 1);
        Assert.That(await IsDeniedAsync(_id), Is.False, "it was not known to be the person's");
        await RewriteAsync();
        Assert.That(await IsDeniedAsync(_id), Is.True);
    }

    [Test]
    public async Task Should_go_part_by_part_through_many_and_change_nothing_twice()
    {
        const int Many = 1_203;
        await AppendAsync([.. Enumerable.Range(0, Many).Select(i => Profile($"{_id}-{i}", "{}"))]);
        await ExecuteAsync($"UPDATE profiles SET external_id = external_id || '\u200B' WHERE external_id LIKE '{_id}-%'");
        await ExecuteAsync(
            $"INSERT INTO consents (tenant_id, subject_key, purpose, status, source, decided_at) SELECT tenant_id, 'id:' || external_id, 'email_marketing', 'denied', 'form', occurred_at FROM profiles WHERE external_id LIKE '{_id}-%'");
        await RewriteAsync();
        Assert.That(await CountAsync($"SELECT count(*) FROM profiles WHERE external_id LIKE '{_id}-%' AND external_id NOT LIKE '%\u200B' AND consent LIKE '%denied%'"), Is.EqualTo(Many));
        var versions = await CountAsync($"SELECT sum(version) FROM profiles WHERE external_id LIKE '{_id}-%'");
        await ExecuteAsync("DELETE FROM key_rewrites");
        await RewriteAsync();
        Assert.That(await CountAsync($"SELECT sum(version) FROM profiles WHERE external_id LIKE '{_id}-%'"), Is.EqualTo(versions));
        Assert.That(await CountAsync("SELECT count(*) FROM key_rewrites WHERE place = 'done'"), Is.EqualTo(3));
    }

    [Test]
    public async Task Should_leave_ids_alone_that_only_hold_a_blank()
    {
        await AppendAsync(Profile($"{_id} 7", "{}"));
        await RewriteAsync();
        Assert.That(await CountAsync($"SELECT version FROM profiles WHERE external_id = '{_id} 7'"), Is.EqualTo(1));
    }

    private Task RewriteAsync() => EarlierKeys.RewriteAsync(Scopes, CancellationToken.None);

    private Task DecideAsync(string key, string status, int minute) => ExecuteAsync(
        "INSERT INTO consents (tenant_id, subject_key, purpose, status, source, decided_at) VALUES ('default', @key, 'email_marketing', @status, 'form', @at)",
        ("key", key), ("status", status), ("at", Noon.AddMinutes(minute)));

    private async Task<bool> IsDeniedAsync(string id) =>
        (await TextAsync("SELECT consent FROM profiles WHERE external_id = @id", ("id", id)))!.Contains("denied", StringComparison.Ordinal);

    private Task ExecuteAsync(string sql, params (string, object?)[] parameters) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(sql, CancellationToken.None, parameters);
    });
}
