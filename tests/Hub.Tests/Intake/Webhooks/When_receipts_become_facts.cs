using System.Text;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Intake.Webhooks;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Retention;
using IntegrationHub.Storage.OptOuts;
using IntegrationHub.Storage.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Intake.Webhooks;

/// <summary>Receipts in the real database: each becomes its facts once, whatever happens in between.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_receipts_become_facts(StorageDatabase database) : DeliveryFixture(database)
{
    private string _source = null!;

    [SetUp]
    public void Name_the_source() => _source = Unique("src");

    [Test]
    public async Task Should_give_the_same_facts_again_after_a_crash()
    {
        await AddAsync("a", Track("m-1"));
        await AddAsync("b", Track("m-2"), Track("m-3"));
        Assert.That(await Normaliser().NormaliseAsync(CancellationToken.None), Is.EqualTo(2));
        Assert.That(await FactsAsync(), Is.EqualTo(3));

        await ExecuteAsync("UPDATE webhook_receipts SET state = 'waiting' WHERE source = @source"); // as if it had crashed before the note
        Assert.That(await Normaliser().NormaliseAsync(CancellationToken.None), Is.EqualTo(2));
        Assert.That(await FactsAsync(), Is.EqualTo(3));
        Assert.That(await Normaliser().NormaliseAsync(CancellationToken.None), Is.Zero);
    }

    [Test]
    public async Task Should_keep_a_receipt_whose_facts_could_not_be_taken_in()
    {
        await AddAsync("a", Track("m-1"));
        Assert.That(async () => await Normaliser(new OutboxTransaction(new StumblingScopes(Scopes, stumbles: 1))).NormaliseAsync(CancellationToken.None), Throws.InvalidOperationException);
        Assert.That((await FactsAsync(), await WaitingAsync()), Is.EqualTo((0L, 1L)));
        Assert.That(await Normaliser().NormaliseAsync(CancellationToken.None), Is.EqualTo(1), "the turn was given back");
        Assert.That((await FactsAsync(), await WaitingAsync()), Is.EqualTo((1L, 0L)));
    }

    [Test]
    public async Task Should_leave_the_turn_to_the_instance_that_has_it()
    {
        await AddAsync("a", Track("m-1"));
        var turn = await WriteAsync(db => WebhookReceipts.TakeTurnAsync(db, "another", TimeSpan.FromMinutes(1), CancellationToken.None));
        Assert.That(await Normaliser().NormaliseAsync(CancellationToken.None), Is.Zero);
        await WriteAsync(db => WebhookReceipts.ReleaseTurnAsync(db, turn!, CancellationToken.None));
        Assert.That(await Normaliser().NormaliseAsync(CancellationToken.None), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_keep_a_delivery_once()
    {
        Assert.That(await AddAsync("a", Track("m-1")), Is.True);
        Assert.That(await AddAsync("a", Track("m-1")), Is.False);
        Assert.That(await WaitingAsync(), Is.EqualTo(1));
        await Normaliser().NormaliseAsync(CancellationToken.None);
    }

    [Test]
    public async Task Should_take_as_much_at_once_as_memory_is_for_it()
    {
        foreach (var key in new[] { "a", "b", "c" })
        {
            await AddAsync(key, Track(key));
        }

        var size = Track("a").Length + 2;
        Assert.That(await ReadAsync(db => WebhookReceipts.ReadWaitingAsync(db, 10, size, CancellationToken.None)), Has.Count.EqualTo(1));
        Assert.That(await ReadAsync(db => WebhookReceipts.ReadWaitingAsync(db, 10, size + 1, CancellationToken.None)), Has.Count.EqualTo(2));
        Assert.That(await ReadAsync(db => WebhookReceipts.ReadWaitingAsync(db, 2, long.MaxValue, CancellationToken.None)), Has.Count.EqualTo(2));
        Assert.That(await ReadAsync(db => WebhookReceipts.ReadWaitingAsync(db, 10, 1, CancellationToken.None)), Has.Count.EqualTo(1), "a large one passes alone");
        await Normaliser().NormaliseAsync(CancellationToken.None);
    }

    [Test]
    public async Task Should_set_the_call_aside_whose_source_is_gone()
    {
        await AddAsync("a", Track("m-1"));
        await Normaliser(source: Sources.Of(SourceDialect.Segment) with { Name = "other" }).NormaliseAsync(CancellationToken.None);
        Assert.That(await CountAsync("SELECT count(*) FROM quarantined_facts WHERE code = 'source_unknown'"), Is.GreaterThan(0));
        Assert.That(await WaitingAsync(), Is.Zero);
    }

    [Test]
    public async Task Should_keep_nothing_of_a_call_that_names_somebody_who_was_erased()
    {
        var person = Unique("gone");
        await WriteAsync(db => Scopes.CreateScope().ServiceProvider.GetRequiredService<Tombstones>().AddAsync(
            db, Guid.NewGuid(), new ErasurePerson { Keys = [PersonKey.Of(KeyKind.ExternalId, person)!.Value], ProfileIds = [], RemoteIds = new Dictionary<string, IReadOnlyList<string>>() }, "erasure", Noon, CancellationToken.None));
        await AddAsync("a", Track("m-1"), Track("m-2").Replace("u-1", person, StringComparison.Ordinal));
        await AddAsync("b", Track("m-3"));
        await AddAsync("c", $$"""{"type":"track","userId":"{{person}}","messageId":"m-4"}""");
        Assert.That(await Normaliser().NormaliseAsync(CancellationToken.None), Is.EqualTo(3));

        Assert.That((await FactsAsync(), await WaitingAsync()), Is.EqualTo((2L, 0L)), "the others of the call are taken in");
        Assert.That(await CountAsync($"SELECT count(*) FROM webhook_receipts WHERE source = '{_source}' AND body IS NULL"), Is.EqualTo(2));
        Assert.That(await CountAsync($"SELECT count(*) FROM quarantined_facts WHERE producer = '{_source}'"), Is.Zero, "what is wrong with it is nobody's to mend");
    }

    /// <summary>HubSpot's id of somebody who was erased is nobody's <c>crm_id</c>, and what HubSpot says of them may hold their address.</summary>
    [Test]
    public async Task Should_keep_nothing_of_what_HubSpot_says_of_somebody_who_was_erased()
    {
        var (contact, destination, other) = (Random.Shared.NextInt64(1, long.MaxValue), Unique("hs"), Random.Shared.NextInt64(1, long.MaxValue));
        await WriteAsync(db => Scopes.CreateScope().ServiceProvider.GetRequiredService<Tombstones>().AddAsync(
            db, Guid.NewGuid(), new ErasurePerson { Keys = [], ProfileIds = [], RemoteIds = new Dictionary<string, IReadOnlyList<string>> { [destination] = [$"{contact}"] } }, "erasure", Noon, CancellationToken.None));
        await AddAsync("a", OptOut(contact), OptOut(other));
        await AddAsync("b", OptOut(contact).Replace("hs_email_optout\",\"propertyValue\":\"true", "email\",\"propertyValue\":\"gone@example.org", StringComparison.Ordinal));
        await AddAsync("c", $$"""{"subscriptionType":"contact.merge","occurredAt":1,"primaryObjectId":{{other}},"mergedObjectIds":[{{contact}}],"newObjectId":{{other}}}""");
        await AddAsync("d", OptOut(other + 1));
        await Normaliser(source: HubSpot() with { Destination = destination }).NormaliseAsync(CancellationToken.None);

        Assert.That((await FactsAsync(), await WaitingAsync()), Is.EqualTo((2L, 0L)), "the other contacts are denied");
        Assert.That(await CountAsync($"SELECT count(*) FROM webhook_receipts WHERE source = '{_source}' AND body IS NULL"), Is.EqualTo(3));
    }

    /// <summary>HubSpot names people by its own id alone: whoever is known by it, before or after, is denied.</summary>
    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_deny_whom_HubSpot_names_by_its_own_id(bool knownBefore)
    {
        var (person, contact) = (Unique("p"), Random.Shared.NextInt64(1, long.MaxValue));
        var known = Profile(person, "{}") with { OtherKeys = [PersonKey.Of(KeyKind.CrmId, $"{contact}")!.Value] };
        if (knownBefore)
        {
            await AppendAsync(known);
        }

        await AddAsync("a", OptOut(contact));
        Assert.That(await Normaliser(source: HubSpot()).NormaliseAsync(CancellationToken.None), Is.EqualTo(1));
        if (!knownBefore)
        {
            await AppendAsync(known);
        }

        Assert.That(await IsDeniedAsync(person), Is.True);
    }

    [Test]
    public async Task Should_deny_whom_the_hub_sent_to_HubSpot_under_the_id_that_it_names()
    {
        var (person, other, contact, destination) = (Unique("p"), Unique("p"), Random.Shared.NextInt64(1, long.MaxValue), Unique("hs"));
        await AppendAsync(Profile(person, "{}"), Profile(other, "{}"));
        foreach (var (sent, id) in new[] { (person, contact), (other, contact - 1) })
        {
            await ExecuteAsync($"INSERT INTO destination_profiles (destination, profile_id, remote_id) SELECT '{destination}', profile_id, '{id}' FROM profiles WHERE external_id = '{sent}' AND @source <> ''");
        }

        await AddAsync("a", OptOut(contact));
        Assert.That(await Normaliser(source: HubSpot() with { Destination = destination }).NormaliseAsync(CancellationToken.None), Is.EqualTo(1));
        Assert.That((await IsDeniedAsync(person), await IsDeniedAsync(other)), Is.EqualTo((true, false)));
    }

    /// <summary>What the hub told HubSpot comes back as of the call: later than a grant that was on its way, it would rule for good.</summary>
    [TestCase(Acme.Purpose, 0, true)]
    [TestCase(Acme.Purpose, 6, true)]
    [TestCase(Acme.Purpose, 8, false)]
    [TestCase("another_purpose", 0, false)]
    public async Task Should_leave_what_the_hub_itself_told_HubSpot_in_that_moment(string purpose, int second, bool isOwn)
    {
        var (person, contact) = (Unique("p"), Random.Shared.NextInt64(1, long.MaxValue));
        await AppendAsync(Profile(person, "{}"));
        await ExecuteAsync($"INSERT INTO destination_profiles (destination, profile_id, remote_id) SELECT '{Acme.Name}', profile_id, '{contact}' FROM profiles WHERE external_id = '{person}' AND @source <> ''");
        await WriteAsync(db => ToldDenials.AddAsync(db, Acme.Name, [new ToldDenial(ToldDenials.NameOfRemoteId($"{contact}")!, "", Noon.AddSeconds(-second), Noon.AddSeconds(second == 0 ? 1 : -second + 5))], CancellationToken.None));

        await AddAsync("a", OptOut(contact));
        await Normaliser(source: HubSpot() with { Destination = Acme.Name, OptOuts = new Dictionary<string, OptOutProperty> { ["hs_email_optout"] = new(purpose, ["true"]) } }).NormaliseAsync(CancellationToken.None);

        Assert.That((await IsDeniedAsync(person), await WaitingAsync()), Is.EqualTo((!isOwn, 0L)));
    }

    private SourceConfiguration HubSpot() => Sources.Of(SourceDialect.Hubspot) with
    {
        Name = _source, OptOuts = new Dictionary<string, OptOutProperty> { ["hs_email_optout"] = new("email_marketing", ["true"]) },
    };

    private async Task<bool> IsDeniedAsync(string person) => await CountAsync($"SELECT count(*) FROM profiles WHERE external_id = '{person}' AND consent LIKE '%denied%'") == 1;

    private static string OptOut(long contact) =>
        $$"""{"eventId":1,"subscriptionId":1,"portalId":1,"occurredAt":{{Noon.ToUnixTimeMilliseconds()}},"subscriptionType":"contact.propertyChange","objectId":{{contact}},"propertyName":"hs_email_optout","propertyValue":"true"}""";

    private ReceiptNormaliser Normaliser(OutboxTransaction? intake = null, SourceConfiguration? source = null)
    {
        var known = source ?? Sources.Of(SourceDialect.Segment) with { Name = _source };
        var configuration = Acme.Hub() with { Sources = new Dictionary<string, SourceConfiguration> { [known.Name] = known } };
        return new ReceiptNormaliser(
            Transactions,
            Intake(configuration, intake),
            Scopes.CreateScope().ServiceProvider.GetRequiredService<Tombstones>(),
            configuration, HubInstance.Create(), new ReceiptSignal(), Telemetry, TimeProvider.System, NullLogger<ReceiptNormaliser>.Instance);
    }

    private Task<bool> AddAsync(string key, params string[] calls) => WriteAsync(db => WebhookReceipts.AddAsync(
        db, new WebhookReceipt(Uuid8.Of(_source, key), _source, key, Noon, "{}", Encoding.UTF8.GetBytes($"[{string.Join(',', calls)}]")), CancellationToken.None));

    private Task<long> FactsAsync() => CountAsync($"SELECT count(*) FROM facts WHERE producer = '{_source}'");

    private Task<long> WaitingAsync() => CountAsync($"SELECT count(*) FROM webhook_receipts WHERE source = '{_source}' AND state = 'waiting'");

    private Task ExecuteAsync(string sql) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(sql, CancellationToken.None, ("source", _source));
    });

    private static string Track(string messageId) => $$"""{"type":"track","event":"x","userId":"u-1","messageId":"{{messageId}}","timestamp":"2026-01-02T03:04:05Z"}""";
}
