using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Explain;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Explain;

/// <summary>A person, an audience and a destination of the test's own on one database, and somebody who explains.</summary>
public abstract class ExplainFixture() : DeliveryFixture(StorageDatabase.Postgres)
{
    private protected string Audience { get; private set; } = null!;

    private protected string Id { get; private set; } = null!;

    private protected string Name { get; private set; } = null!;

    private protected long Person { get; private set; }

    [SetUp]
    public void Name_everything_anew() => (Audience, Id, Name, Person) = (Unique("customers"), Unique("c"), Unique("acme"), 0);

    private protected static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private protected static void Expect(ExplanationJson told, string result, string step, string code) =>
        Assert.That((told.Headline.Result, told.Headline.Step, told.Headline.Code), Is.EqualTo((result, step, code)), told.Headline.Sentence);

    /// <summary>A member whose city is known, and what else is stated.</summary>
    private protected async Task StateAsync(params LedgerFact[] more)
    {
        await AppendAsync([Profile(Id, """{"city":"Bonn"}"""), Membership(Id, Audience, true), .. more]);
        Person = await ProfileAsync(Id);
    }

    private protected Task<long> ProfileAsync(string externalId) => CountAsync($"SELECT profile_id FROM profiles WHERE external_id = '{externalId}'");

    private protected Task SqlAsync(string sql, params (string, object?)[] parameters) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(sql, CancellationToken.None, parameters);
    });

    private protected Task RefuseAsync(long line, string field, string code, string externalId) => WriteAsync(async db =>
    {
        var snapshot = Guid.NewGuid();
        await Snapshots.CreateAsync(db, snapshot, Audience, "full", "file.csv", Noon, CancellationToken.None);
        await Snapshots.StageAsync(db, snapshot, [], [new SnapshotReject(line, field, code, "It is none.") { ExternalIds = [externalId] }], CancellationToken.None);
    });

    private protected async Task DeliverAsync(ExplainedHub hub, bool addedByHub = true)
    {
        var hash = hub.Destination.Mapping.Map(new ProfileView(Id, null, null, """{"city":"Bonn"}""")).ContentHash;
        await SqlAsync("INSERT INTO destination_profiles (destination, profile_id, content_hash, confirmed_at) VALUES (@name, @id, @hash, @at)", ("name", Name), ("id", Person), ("hash", hash), ("at", Noon));
        await SqlAsync("INSERT INTO destination_members (destination, audience, profile_id, is_member, added_by_hub, confirmed_at) VALUES (@name, @audience, @id, true, @ours, @at)", ("name", Name), ("audience", Audience), ("id", Person), ("ours", addedByHub), ("at", Noon));
    }

    private protected Task OweAsync(int attempt = 0, string? code = null, DateTimeOffset? due = null, Operation operation = Operation.AddMember) => SqlAsync(
        """
        INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, attempt, last_code, created_at)
        VALUES (@stream, @name, 'live', 0, @operation, @id, @audience, @due, @attempt, @code, @at)
        """,
        ("stream", LiveStream.IdOf(Name, Lane.Live)), ("name", Name), ("operation", operation.ToCode()), ("id", Person), ("audience", Audience), ("due", due ?? Now), ("attempt", attempt), ("code", code), ("at", Now));

    private protected Task SettleAsync(string outcome, string? code, Operation operation = Operation.AddMember) => SqlAsync(
        "INSERT INTO outcomes (run_id, profile_id, destination, audience, operation, outcome, code, attempts, at) VALUES (@stream, @id, @name, @audience, @operation, @outcome, @code, 1, @at)",
        ("stream", LiveStream.IdOf(Name, Lane.Live)), ("operation", operation.ToCode()), ("id", Person), ("name", Name), ("audience", Audience), ("outcome", outcome), ("code", code), ("at", Noon));

    /// <summary>The vendor refused the person for good.</summary>
    private protected async Task DieAsync(string code)
    {
        await SettleAsync(LedgerOutcome.Rejected, code);
        await SqlAsync(
            "INSERT INTO dead_letters (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at) VALUES (@run, @name, @audience, @id, @operation, 'rejected', @code, 1, @at)",
            ("run", Guid.Empty), ("name", Name), ("audience", Audience), ("id", Person), ("operation", Operation.AddMember.ToCode()), ("code", code), ("at", Noon));
    }

    /// <summary>A run is through and read back, and found the person to differ.</summary>
    private protected async Task FindAsync(string kind, string? cause = null)
    {
        var run = await StartRunAsync(Audience, RunState.Completed, Name);
        await SqlAsync("UPDATE audience_syncs SET finished_at = requested_at, verified_at = requested_at WHERE correlation_id = @run", ("run", run));
        await SqlAsync("INSERT INTO reconciliation_findings (run_id, kind, cause, profile_id) VALUES (@run, @kind, @cause, @id)", ("run", run), ("kind", kind), ("cause", cause), ("id", Person));
    }

    private protected ExplainedHub Hub(bool sendsUnknown = true, IReadOnlyList<FieldMapping>? extra = null, ConnectorDescriptor? descriptor = null, bool routed = true, IConnector? connector = null, string identity = "external_id", ConsentRules? consent = null) => new(
        Acme.Destination(
            connector ?? new AcmeConnector { Descriptor = descriptor ?? Acme.Descriptor }, name: routed ? Name : $"{Name}-other", audience: Audience, extra: extra, sendsUnknown: sendsUnknown,
            change: written => written with { Name = Name }, identity: identity, consent: consent),
        Acme.Hub(Name, Audience, extra: extra, sendsUnknown: sendsUnknown, identity: identity));

    private protected async Task<ExplanationJson> AskAsync(ExplainedHub? hub = null, string? key = null, bool live = false, DateTimeOffset? at = null, bool reveal = false)
    {
        var (destination, configuration) = hub ?? Hub();
        var services = Scopes.CreateScope().ServiceProvider;
        var directory = new DestinationDirectory(new Dictionary<string, Destination> { [Name] = destination });
        var finder = new PersonFinder(configuration, directory, services.GetRequiredService<Tombstones>(), services.GetRequiredService<IdentityDesk>(), services.GetRequiredService<SubjectSearch>());
        var explainer = new PersonExplainer(configuration, directory, Transactions, finder, Deliveries, Runs, Microsoft.Extensions.Options.Options.Create(Options), TimeProvider.System);
        return await explainer.ExplainAsync(key ?? Id, new ExplainQuestionJson(null, null, at, live, reveal), CancellationToken.None);
    }

    private protected sealed record ExplainedHub(Destination Destination, HubConfiguration Configuration);
}
