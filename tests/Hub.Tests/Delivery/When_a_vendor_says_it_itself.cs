using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Planning;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Plans;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>What a destination's own vendor states goes to all others and not back to it.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_vendor_says_it_itself(StorageDatabase database) : DrainFixture(database)
{
    private const string Hook = "acme-hook";
    private readonly Dictionary<string, string> _vendors = [];
    private string _other = null!;
    private int _minute;

    [SetUp]
    public async Task Tell_changes_as_they_happen()
    {
        (_vendors[Hook], _other, _minute) = (Name, Unique("other"), 1);
        await Destination.DisposeAsync();
        Destination = Acme.Destination(Vendor, name: Name, audience: Audience, live: true);
        await WriteAsync(db => Ledger.RouteLiveAsync(db, [new AudienceRoute(Audience, Name), new AudienceRoute(Audience, _other)], partitions: 1, CancellationToken.None));
        await DrainAsync();
        await StateAsync("shop", "Bonn");
        await DrainAsync(Lane.Live);
        Vendor.Delivered.Clear();
    }

    protected override void AddServices(IServiceCollection services) =>
        base.AddServices(services.AddSingleton(new AttributeRules(new Dictionary<string, AttributeRule>()) { Vendors = _vendors }));

    [Test]
    public async Task Should_tell_all_others_and_not_the_vendor_until_somebody_else_speaks()
    {
        await SettleOthersAsync();
        await StateAsync(Hook, "Ulm");
        await StateAsync(Hook, "Hof");
        await DrainAsync(Lane.Live);
        Assert.That(Sent, Is.Empty, "it said so itself, twice");
        Assert.That(await SettleOthersAsync(), Is.EqualTo(new[] { "Hof" }));
        Assert.That(await ConfirmedAsync(), Is.EqualTo(HashOf("Hof")), "so that a comparison looks at what is so");

        await StateAsync("shop", "Jena");
        await DrainAsync(Lane.Live);
        Assert.That(Sent, Is.EqualTo(new[] { "UpsertProfile 0" }));
        Assert.That(await SettleOthersAsync(), Is.EqualTo(new[] { "Jena" }));
    }

    [TestCase(Hook, "shop")]
    [TestCase("shop", Hook)]
    public async Task Should_tell_the_vendor_too_when_others_spoke_since_it_was_told(string one, string other)
    {
        await StateAsync(one, "Ulm");
        await StateAsync(other, "Hof");
        await DrainAsync(Lane.Live);
        Assert.That(Sent, Is.EqualTo(new[] { "UpsertProfile 0" }));
    }

    [Test]
    public async Task Should_not_take_the_word_of_one_vendor_for_that_of_another()
    {
        _vendors[Hook] = _other;
        await StateAsync(Hook, "Ulm");
        await DrainAsync(Lane.Live);
        Assert.That(Sent, Is.EqualTo(new[] { "UpsertProfile 0" }));
    }

    /// <summary>A hub of the version before raises the version and leaves the mark as it was.</summary>
    [Test]
    public async Task Should_believe_no_mark_of_a_version_that_is_not_the_profiles()
    {
        await StateAsync(Hook, "Ulm");
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync("UPDATE profiles SET version = version + 1 WHERE external_id = @id", CancellationToken.None, ("id", People[0]));
        });
        await DrainAsync(Lane.Live);
        Assert.That(Sent, Is.EqualTo(new[] { "UpsertProfile 0" }));
    }

    [Test]
    public async Task Should_not_be_lost_by_a_consent_that_is_given_in_between()
    {
        await StateAsync(Hook, "Ulm");
        await AppendAsync(Consent(People[0], "granted", 50));
        await DrainAsync(Lane.Live);
        Assert.That(Sent, Is.Empty);
    }

    [Test]
    public async Task Should_be_owed_by_no_run()
    {
        await StateAsync(Hook, "Ulm");
        Assert.That(await PlannedAsync(Destination.PlanVersion), Is.EqualTo(((Operation?)null, LedgerOutcome.Unchanged, StateDecision.SaidThere)));
        Assert.That((await PlannedAsync("another")).Operation, Is.EqualTo(Operation.UpsertProfile), "of another mapping the vendor said nothing");
        await StateAsync("shop", "Hof");
        Assert.That((await PlannedAsync(Destination.PlanVersion)).Operation, Is.EqualTo(Operation.UpsertProfile));
    }

    private async Task<(Operation? Operation, string? Outcome, string? Code)> PlannedAsync(string planVersion)
    {
        var run = await StartRunAsync(Audience, "Planning", Unique("elsewhere"));
        var request = new PlanRequest(run, Name, Audience, "full", Lane.Bulk, planVersion, 1);
        await WriteAsync(db => Plans.OpenAsync(db, request, CancellationToken.None));
        var candidates = await ReadAsync(db => Plans.ReadCandidatesAsync(db, request, 0, 10, CancellationToken.None));
        var decided = PlanDecision.For(Destination, "full", candidates.Single(candidate => candidate.ExternalId == People[0]), 1);
        return (decided.Operation, decided.Outcome, decided.Code);
    }

    private Task StateAsync(string producer, string city) => AppendAsync(Profile(People[0], $$"""{"city":"{{city}}"}""", _minute++) with { Producer = producer });

    private Guid HashOf(string city) => Destination.Mapping.Map(new ProfileView(People[0], null, null, $$"""{"city":"{{city}}"}""")).ContentHash;

    private Task<Guid?> ConfirmedAsync() => ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return (await session.ReadAsync(
            "SELECT d.content_hash FROM destination_profiles d JOIN profiles p ON p.profile_id = d.profile_id WHERE d.destination = @name AND p.external_id = @id", row => (Guid?)row.GetGuid(0), CancellationToken.None,
            ("name", Name), ("id", People[0]))).Single();
    });

    /// <summary>What is owed to the other destination, which takes it.</summary>
    private async Task<IReadOnlyList<string>> SettleOthersAsync()
    {
        await using var other = Acme.Destination(new AcmeConnector(), name: _other, audience: Audience, live: true);
        var lease = await LeaseAsync("other", 0, _other, Lane.Live);
        var claim = await ReadAsync(db => Deliveries.ClaimAsync(db, lease, Clock.Now, 10, CancellationToken.None));
        var records = ClaimPreparation.For(other, claim, at: Clock.Now).Batches.SelectMany(batch => batch.Records).ToList();
        await SettleAsync(lease, records.Select(record => Delivered(record.Delivery) with { ConfirmedHash = record.ContentHash, PlanVersion = other.PlanVersion }));
        await WriteAsync(db => Deliveries.ReleaseLeaseAsync(db, lease, true, CancellationToken.None));
        return [.. records.Where(record => record.Item.Key == People[0]).Select(record => record.Item.Fields.Single(field => field.Name == "town").Value.Text)];
    }
}
