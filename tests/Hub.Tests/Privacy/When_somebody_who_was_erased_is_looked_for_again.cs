using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Erasure;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Sagas.Erasure.Messages;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Erasures;

namespace IntegrationHub.Hub.Tests.Privacy;

/// <summary>The looks after 7 and 30 days: absent is said only of whom somebody looked for.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_somebody_who_was_erased_is_looked_for_again(StorageDatabase database) : ErasureFixture(database)
{
    private string _person = "";

    [SetUp]
    public void Begin() => _person = Unique("person");

    [Test]
    public async Task Should_delete_whoever_is_back_and_say_of_each_what_was_seen()
    {
        var (clean, back, blind, stays) = (new ShowingVendor(_person), new ShowingVendor(_person), new PeopleVendor(_person), new ShowingVendor(_person));
        var hub = Hub(("a", clean), ("b", back), ("c", blind), ("d", stays));
        var request = await AskAsync(ErasurePhase.ErasingDestinations, [_person]);
        await EraseAsync(request, hub);
        back.People.Add(_person);
        stays.LetsGo = false;
        stays.People.Add(_person);

        await RecheckAsync(request, 1, hub);
        Assert.That(await LooksAsync(request), Is.EqualTo(new[] { ErasureRecheck.DeletedAgain, DestinationErasure.Absent, DestinationErasure.Present, ErasureRecheck.NotSeen }.Order()));
        Assert.That((Rechecked(request), back.People.Count), Is.EqualTo(((object?)null, 0)));
        Assert.That(Postponed(request).Single().WaitingFor, Does.StartWith("d:"));

        stays.LetsGo = true;
        await RecheckAsync(request, 1, hub);
        Assert.That(Rechecked(request)!.WithIssues, Is.False);
    }

    [Test]
    public async Task Should_not_say_absent_where_the_vendor_refuses_and_delete_once_it_does_not()
    {
        var vendor = new ShowingVendor(_person) { Say = item => new RecordOutcome { RecordId = item.RecordId, Outcome = Outcome.Rejected, Code = "http_403" } };
        var hub = Hub(("a", vendor));
        var request = await AskAsync(ErasurePhase.ErasingDestinations, [_person]);
        await EraseAsync(request, hub);
        await RecheckAsync(request, 1, hub);
        Assert.That(await LooksAsync(request), Is.EqualTo(new[] { DestinationErasure.NotPossible }));
        Assert.That(Rechecked(request)!.WithIssues, Is.True);

        vendor.Say = item => new RecordOutcome { RecordId = item.RecordId, Outcome = Outcome.Delivered };
        await RecheckAsync(request, 2, hub);
        var done = (await DoneAsync(request)).Single();
        Assert.That((done.Action, done.Reason, done.Found, done.Result, done.Rechecks[1].Result), Is.EqualTo((DestinationErasure.Deleted, (string?)null, 1, DestinationErasure.Absent, DestinationErasure.Absent)));
        Assert.That(Rechecked(request, 2)!.WithIssues, Is.False);
    }

    [Test]
    public async Task Should_ask_those_that_refused_when_a_person_says_so_and_leave_the_round_to_its_time()
    {
        var (well, refusing) = (new ShowingVendor(_person), new ShowingVendor(_person) { Say = item => new RecordOutcome { RecordId = item.RecordId, Outcome = Outcome.Rejected, Code = "http_403" } });
        var hub = Hub(("a", well), ("b", refusing));
        var request = await AskAsync(ErasurePhase.Rechecking, [_person]);
        await EraseAsync(request, hub);
        refusing.Say = item => new RecordOutcome { RecordId = item.RecordId, Outcome = Outcome.Delivered };
        await RecheckAsync(request, RecheckDestinations.AskedFor, hub);

        var done = (await DoneAsync(request)).ToDictionary(one => one.Destination);
        Assert.That((done["b"].Action, done["b"].Found, refusing.People.Count, well.Asked), Is.EqualTo((DestinationErasure.Deleted, 1, 0, 1)));
        Assert.That(done["b"].Rechecks.Select(look => (look.Round, look.Result)), Is.EqualTo(new[] { (RecheckDestinations.AskedFor, DestinationErasure.Absent) }));
        Assert.That((Rechecked(request, RecheckDestinations.AskedFor), Postponed(request).Count), Is.EqualTo(((object?)null, 0)), "the looks after 7 and 30 days are done as they were due");
        await RecheckAsync(request, 1, hub);
        Assert.That(Rechecked(request)!.WithIssues, Is.False);
    }

    [Test]
    public async Task Should_not_pass_over_a_destination_that_no_hub_has_any_more()
    {
        var request = await AskAsync(ErasurePhase.ErasingDestinations, [_person]);
        await EraseAsync(request, Hub(("a", new ShowingVendor(_person)), ("b", new ShowingVendor(_person))));
        await RecheckAsync(request, 1, Hub(("a", new ShowingVendor())));
        Assert.That((await DoneAsync(request)).Select(done => done.Rechecks.Single().Result), Is.EqualTo(new[] { DestinationErasure.Absent, DestinationErasure.NotPossible }));
        Assert.That(Rechecked(request)!.WithIssues, Is.True);
    }

    [Test]
    public async Task Should_say_nothing_when_nobody_knows_any_more_whom_and_end_when_the_last_look_was_done()
    {
        var hub = Hub(("a", new ShowingVendor(_person)));
        var request = await AskAsync(ErasurePhase.ErasingDestinations, [_person]);
        await EraseAsync(request, hub);
        await RecheckAsync(request, 1, hub);
        await WriteAsync(db => SealedPeople.ForgetAsync(db, request, CancellationToken.None));
        await RecheckAsync(request, 2, hub);
        Assert.That((Rechecked(request, 2), Postponed(request).Single().WaitingFor), Is.EqualTo(((object?)null, PersonDeletion.KeysGone(request))));

        await WriteAsync(db => DestinationErasures.RecheckedAsync(db, request, "a", new ErasureRecheck(2, Noon, DestinationErasure.Absent), CancellationToken.None));
        await RecheckAsync(request, 2, hub);
        Assert.That(Rechecked(request, 2)!.WithIssues, Is.False, "the hub ended after the look and before it said so");
    }

    private async Task<IEnumerable<string>> LooksAsync(Guid request) => (await DoneAsync(request)).SelectMany(done => done.Rechecks).Select(look => look.Result).Order();

    private DestinationsRechecked? Rechecked(Guid request, int round = 1) => Bus.Said<DestinationsRechecked>(said => said.RequestId == request && said.Round == round).SingleOrDefault();
}
