using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>A grant that was given for a time ends by itself: it is written down, the person's version moves, and the vendor is owed the news.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_grant_ends(StorageDatabase database) : StorageFixture(database)
{
    private string _id = null!;
    private string _address = null!;

    [SetUp]
    public async Task Make_somebody_known()
    {
        (_id, _address) = (Unique("ge"), $"{Unique("ge")}@example.test");
        await AppendAsync(Profile(_id, "{\"country\":\"DE\"}", 0, _address));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_be_written_down_once_and_move_the_person(bool byAddress)
    {
        await AppendAsync(Granted(byAddress ? null : _id, 1, Noon.AddDays(1)));
        Assert.That(await ConsentAsync(), Does.Contain("\"x\":").And.Contain("\"e\":true").And.Contain("\"c\":\"DE\""));
        var version = await VersionAsync();

        await ExpireAsync();
        await ExpireAsync();

        Assert.That(await ConsentAsync(), Does.Contain("\"s\":\"expired\""));
        Assert.That(await VersionAsync(), Is.EqualTo(version + 1));
        Assert.That(await CountAsync($"SELECT count(*) FROM consent_history WHERE subject_key IN ('id:{_id}', 'email:{_address}') AND status = 'expired' AND position IS NULL"), Is.EqualTo(1));
        Assert.That(await CountAsync($"SELECT count(*) FROM consent_history WHERE subject_key IN ('id:{_id}', 'email:{_address}') AND status = 'granted' AND position > 0 AND channel = 'email' AND legal_basis = 'consent' AND evidence LIKE '%double_opt_in%'"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_not_end_what_was_decided_since_nor_what_has_no_end()
    {
        await AppendAsync(Granted(_id, 1, Noon.AddDays(1)), Consent(_id, "granted", 2));
        await ExpireAsync();
        Assert.That(await ConsentAsync(), Does.Contain("\"s\":\"granted\""));
    }

    [Test]
    public async Task Should_end_with_a_grant_that_is_given_again_and_stay_where_it_is_older()
    {
        await AppendAsync(Granted(_id, 2, Noon.AddDays(1)));
        await ExpireAsync();
        await AppendAsync(Consent(_id, "granted", 1));
        Assert.That(await ConsentAsync(), Does.Contain("\"s\":\"expired\""), "an older grant that comes late");
        await AppendAsync(Consent(_id, "granted", 3));
        Assert.That(await ConsentAsync(), Does.Contain("\"s\":\"granted\""));
    }

    [Test]
    public async Task Should_follow_where_the_person_moves_to()
    {
        await AppendAsync(Profile(_id, "{\"country\":\"US\",\"state\":\"CA\"}", 5));
        Assert.That(await ConsentAsync(), Is.EqualTo("{\"\":{\"c\":\"US\",\"st\":\"CA\"}}"));
    }

    /// <summary>What the person denied under their own key is not lifted by a grant that names only an address, which others may have too.</summary>
    [Test]
    public async Task Should_not_lift_what_the_person_denied_by_a_grant_of_an_address()
    {
        await AppendAsync(Consent(_id, "denied", 1));
        await AppendAsync(Consent(null, "granted", 2, _address));
        Assert.That(await ConsentAsync(), Does.Contain("denied").And.Not.Contain("granted"));
        await AppendAsync(Consent(_id, "granted", 3));
        Assert.That(await ConsentAsync(), Does.Contain("granted"));
    }

    /// <summary>Reasons to leave somebody alone stand side by side: lifting one leaves the others.</summary>
    [Test]
    public async Task Should_keep_reasons_to_leave_somebody_alone_side_by_side()
    {
        await AppendAsync(Reason("hard_bounce", "denied", 1), Reason("complaint", "denied", 2));
        await AppendAsync(Reason("hard_bounce", "granted", 3));
        Assert.That(await ConsentAsync(), Does.Contain("\"suppression:complaint\":{\"s\":\"denied\"").And.Contain("\"suppression:hard_bounce\":{\"s\":\"granted\""));
    }

    private LedgerFact Reason(string reason, string status, int minute)
    {
        var fact = Consent(_id, status, minute);
        return fact with { Consents = [fact.Consents[0] with { Purpose = IntegrationHub.Identity.Suppression.PurposeOf(reason) }] };
    }

    private LedgerFact Granted(string? externalId, int minute, DateTimeOffset end)
    {
        var fact = Consent(externalId, "granted", minute, externalId is null ? _address : null);
        return fact with { Consents = [fact.Consents[0] with { ExpiresAt = end, Channel = "email", LegalBasis = "consent", EvidenceJson = """{"method":"double_opt_in"}""" }] };
    }

    private Task ExpireAsync() => WriteAsync(db => Ledger.ExpireConsentsAsync(db, 100, CancellationToken.None));

    private Task<string?> ConsentAsync() => TextAsync("SELECT consent FROM profiles WHERE external_id = @id", ("id", _id));

    private Task<long> VersionAsync() => CountAsync($"SELECT version FROM profiles WHERE external_id = '{_id}'");
}
