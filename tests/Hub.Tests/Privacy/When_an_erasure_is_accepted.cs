using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Erasure;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Identity;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Sagas.Erasure.Messages;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Erasures;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Privacy;

/// <summary>Nothing about a person leaves once whoever had the last word was answered: no message has to be consumed for it.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_an_erasure_is_accepted(StorageDatabase database) : ErasureFixture(database)
{
    private const string Anna = "person:anna";
    private const string There = "acme-erased";

    private string _person = null!;
    private long _profileId;

    [SetUp]
    public async Task Know_somebody()
    {
        _person = Unique("person");
        await AppendAsync(Profile(_person, """{"city":"Bern"}"""));
        _profileId = await CountAsync($"SELECT profile_id FROM profiles WHERE external_id = '{_person}'");
    }

    [Test]
    public async Task Should_leave_nothing_to_be_sent_when_the_request_is_answered()
    {
        var asked = await AskAsync(Hub((There, new PeopleVendor(_person))));
        Assert.That(asked.SuppressedAt, Is.EqualTo(Clock.Now));
        await AssertSuppressedAsync();
        await AssertLetGoAsync();
    }

    [Test]
    public async Task Should_count_the_person_once_however_often_the_step_is_done()
    {
        var hub = Hub((There, new PeopleVendor(_person)));
        var requestId = (await AskAsync(hub)).RequestId;
        for (var i = 0; i < 2; i++)
        {
            await Bus.ConsumeAsync(
                new SuppressPersonConsumer(Transactions, People, Scopes.CreateScope().ServiceProvider.GetRequiredService<PersonErasure>(), Deliveries, hub, Clock), new SuppressPerson { RequestId = requestId });
        }

        Assert.That((await ReadAsync(db => ErasureCounts.LoadAsync(db, requestId, CancellationToken.None)))["profiles"], Is.EqualTo(1));
        Assert.That(Bus.Said<PersonSuppressed>(said => said.RequestId == requestId), Has.Exactly(2).Items, "and the erasure goes on");
    }

    [Test]
    public async Task Should_not_say_so_while_a_call_that_was_let_through_before_goes_on()
    {
        await ReadAsync(db => Deliveries.EnterCallAsync(db, Call(), [], CancellationToken.None));
        var hub = Hub((There, new PeopleVendor(_person)));

        var hurried = new Hurried(Clock);
        var asked = await AskAsync(hub, time: hurried);
        Assert.That(asked.SuppressedAt, Is.Null, "the call may arrive yet");
        await AssertSuppressedAsync();

        await Bus.ConsumeAsync(
            new SuppressPersonConsumer(Transactions, People, Scopes.CreateScope().ServiceProvider.GetRequiredService<PersonErasure>(), Deliveries, hub, hurried), new SuppressPerson { RequestId = asked.RequestId });
        Assert.That(Bus.Said<PersonSuppressed>(said => said.RequestId == asked.RequestId), Is.Empty, "no destination is asked to delete before it has ended");
    }

    [Test]
    public async Task Should_leave_nothing_to_be_sent_when_the_agreement_is_answered()
    {
        var hub = Hub((There, new PeopleVendor(_person)));
        var approval = Approval(hub, isAsked: true);
        var asked = await AskAsync(hub, approval);
        Assert.That((asked.SuppressedAt, (await AppendAsync(Profile(_person, "{}", minute: 1))).Erased.Count), Is.EqualTo((default(DateTimeOffset?), 0)), "nobody agreed yet");

        var (decided, refusal) = await new ApprovalCourt([approval], Transactions, Clock).DecideAsync(
            asked.ApprovalId!.Value, new Verdict(new Principal("person:ben", PrincipalKind.Person, "ben"), AuditVia.Api, true, "seen"), CancellationToken.None);

        Assert.That((decided?.State, refusal), Is.EqualTo((ApprovalState.Approved, default(ApprovalRefusal))));
        await AssertSuppressedAsync();
        await AssertLetGoAsync();
    }

    private ErasureApproval Approval(DestinationDirectory hub, bool isAsked) => new(new ApprovalRules(Acme.Hub(), new ApiKey(null, areKeysRequired: isAsked)), Acceptance(hub), Clock);

    private async Task<ErasureJson> AskAsync(DestinationDirectory hub, ErasureApproval? approval = null, TimeProvider? time = null)
    {
        var services = Scopes.CreateScope().ServiceProvider;
        var desk = new ErasureDesk(Transactions, services.GetRequiredService<PersonSearch>(), People, services.GetRequiredService<Tombstones>(), approval ?? Approval(hub, isAsked: false), Acceptance(hub, time), Clock);
        return (await desk.RequestAsync(
            new PersonKey(KeyKind.ExternalId, _person), ErasureLaw.Gdpr, "ticket 1", new AuditEntry(Clock.Now, Anna, AuditVia.Api, "erasure.request", ""), CancellationToken.None))!;
    }

    private async Task AssertSuppressedAsync()
    {
        Assert.That((await AppendAsync(Profile(_person, "{}", minute: 1))).Erased, Has.Count.EqualTo(1), "nobody of that id is taken in");
        Assert.That(await CountAsync($"SELECT count(*) FROM profiles WHERE external_id = '{_person}'"), Is.Zero);
    }

    /// <summary>A call that begins later is not kept waiting.</summary>
    private async Task AssertLetGoAsync() =>
        Assert.That((await ReadAsync(db => Deliveries.EnterCallAsync(db, Call(), [], CancellationToken.None))).Busy, Is.Empty);

    private CallUnderWay Call() => new(Guid.NewGuid(), There, "turn-1", Guid.NewGuid(), [CallUnderWay.NameOf(_profileId)], TimeSpan.FromMinutes(1));

    /// <summary>Whoever waits is called at once.</summary>
    private sealed class Hurried(TimeProvider clock) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
