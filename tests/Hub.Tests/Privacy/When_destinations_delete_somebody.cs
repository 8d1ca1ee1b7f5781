using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Erasure;
using IntegrationHub.Identity;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Verification;
using IntegrationHub.Storage.Watch;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Privacy;

/// <summary>What a vendor says is no proof, and what one vendor refuses holds up no other; nothing is called done that nobody did.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_destinations_delete_somebody(StorageDatabase database) : ErasureFixture(database)
{
    private string _person = "";

    [SetUp]
    public void Begin() => _person = Unique("person");

    [Test]
    public async Task Should_go_on_at_the_others_when_one_refuses_and_certify_and_alarm_it()
    {
        var (one, refusing, last) = (new ShowingVendor(_person), new ShowingVendor(_person) { Say = Refuse }, new ShowingVendor(_person));
        var request = await AskAsync(ErasurePhase.ErasingDestinations, [_person]);
        await EraseAsync(request, Hub(("a", one), ("b", refusing), ("c", last)));

        Assert.That(Erased(request)!.WithIssues, Is.True);
        Assert.That((one.People.Count, refusing.People.Count, last.People.Count), Is.EqualTo((0, 1, 0)));
        var certificate = ErasureCertificate.Of((await ReadAsync(db => ErasureBook.FindAsync(db, request, CancellationToken.None)))!, await DoneAsync(request), new Dictionary<string, long>(), null);
        Assert.That(certificate.Destinations.Select(told => (told.Name, told.Action, told.Reason, told.ReadBack?.Result)), Is.EqualTo(new[]
        {
            ("a", "deleted", null, "absent"), ("b", "not_possible", "http_403", "present"), ("c", "deleted", null, "absent"),
        }));

        var situation = await ReadAsync(db => Situations.ReadAsync(db, Noon.AddHours(1), CancellationToken.None)) with { Hubs = [] };
        var verdict = Diagnoser.Explain(situation).Single(verdict => verdict.Subject == request.ToString());
        Assert.That((verdict.Code, verdict.Action), Is.EqualTo((DiagnosisCode.ErasureIncomplete, $"erase show {request}")));
        Assert.That(verdict.Sentence, Does.Contain("b (http_403)").And.Contain($"'erase retry {request} --reason TEXT'").And.Not.Contain("a ("));
        Assert.That(AlertRules.Of([verdict], situation.At).Single().Severity, Is.EqualTo(AlertSeverity.High));
    }

    /// <summary>Nobody can be looked up by such a key, so neither is the person certified as gone nor does the destination stand still for everybody.</summary>
    [Test]
    public async Task Should_not_certify_somebody_whom_the_vendor_cannot_be_asked_for()
    {
        var vendor = new ShowingVendor(_person) { Unaskable = { _person } };
        var request = await AskAsync(ErasurePhase.ErasingDestinations, [_person]);
        await EraseAsync(request, Hub(("a", vendor)));
        var done = (await DoneAsync(request)).Single();
        Assert.That((done.Action, done.Reason, done.Result), Is.EqualTo((DestinationErasure.NotPossible, ReasonCode.KeyNotSearchable, (string?)null)));
        Assert.That(Erased(request)!.WithIssues, Is.True);
    }

    [Test]
    public async Task Should_count_duplicates_and_delete_all_of_them()
    {
        var other = Unique("other");
        var vendor = new ShowingVendor(_person, _person, other, "stays");
        var request = await AskAsync(ErasurePhase.ErasingDestinations, [_person, other, Unique("unknown")]);
        await EraseAsync(request, Hub(("a", vendor)));
        var done = (await DoneAsync(request)).Single();
        Assert.That((done.Found, done.Action, done.Result), Is.EqualTo((3, DestinationErasure.Deleted, DestinationErasure.Absent)));
        Assert.That(vendor.People, Is.EqualTo(new[] { "stays" }));
    }

    /// <summary>HubSpot answers 204 whether or not somebody was there: https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/gdpr/post-crm-v3-objects-contacts-gdpr-delete.</summary>
    [Test]
    public async Task Should_believe_what_is_shown_and_not_what_is_said()
    {
        var (nobody, still) = (new ShowingVendor(), new ShowingVendor(_person) { LetsGo = false });
        var request = await AskAsync(ErasurePhase.ErasingDestinations, [_person]);
        await EraseAsync(request, Hub(("a", nobody), ("b", still)));
        Assert.That((await DoneAsync(request)).Select(done => (done.Found, done.Action, done.Result)), Is.EqualTo(new[] { (0, DestinationErasure.Deleted, DestinationErasure.Absent), (1, DestinationErasure.Deleting, DestinationErasure.Present) }));
        Assert.That(Erased(request), Is.Null);
        Assert.That(Postponed(request).Single().WaitingFor, Does.StartWith("b (still shows the person)"));

        still.LetsGo = true;
        await EraseAsync(request, Hub(("a", nobody), ("b", still)));
        Assert.That(Erased(request)!.WithIssues, Is.False);
        Assert.That(nobody.Asked, Is.EqualTo(1), "that one is done");
    }

    [Test]
    public async Task Should_not_call_done_what_a_vendor_that_shows_nobody_did_not_mention()
    {
        var (silent, confirming) = (new PeopleVendor(_person) { Say = _ => null }, new PeopleVendor(_person));
        var request = await AskAsync(ErasurePhase.ErasingDestinations, [_person]);
        await EraseAsync(request, Hub(("a", silent), ("b", confirming)));
        Assert.That((await DoneAsync(request)).Select(done => (done.Action, done.Reason)), Is.EqualTo(new[] { (DestinationErasure.Deleting, PersonDeletion.NotConfirmed), (DestinationErasure.Deleted, PersonDeletion.NotReadBack) }));
        Assert.That(Erased(request), Is.Null);
    }

    [Test]
    public async Task Should_ask_after_a_stop_in_the_middle_only_those_that_are_not_done()
    {
        var (one, stopped, last) = (new ShowingVendor(_person), new ShowingVendor(_person) { WhenAsked = () => throw new InvalidOperationException("the hub ends") }, new ShowingVendor(_person));
        var request = await AskAsync(ErasurePhase.ErasingDestinations, [_person]);
        Assert.That(() => EraseAsync(request, Hub(("a", one), ("b", stopped), ("c", last))), Throws.InvalidOperationException);
        Assert.That(Erased(request), Is.Null);

        stopped.WhenAsked = () => { };
        await EraseAsync(request, Hub(("a", one), ("b", stopped), ("c", last)));
        Assert.That((one.Asked, stopped.Asked, last.Asked), Is.EqualTo((1, 2, 1)));
        Assert.That(Erased(request)!.WithIssues, Is.False);
        Assert.That((await DoneAsync(request)).Select(done => (done.Found, done.Result)), Is.All.EqualTo((1, DestinationErasure.Absent)));
    }

    [Test]
    public async Task Should_wait_for_a_vendor_in_trouble_and_hold_up_no_other()
    {
        var (down, well) = (new PeopleVendor(_person) { Trouble = new DestinationCondition(DestinationTrouble.Unauthorized, "http_401") }, new ShowingVendor(_person));
        var request = await AskAsync(ErasurePhase.ErasingDestinations, [_person]);
        await EraseAsync(request, Hub(("a", down), ("b", well)));
        Assert.That((Erased(request), well.People.Count), Is.EqualTo(((object?)null, 0)));
        Assert.That(Postponed(request).Single().WaitingFor, Does.StartWith("a (http_401)"));
    }

    [Test]
    public async Task Should_look_again_when_a_job_of_before_has_ended_that_may_bring_the_person_back()
    {
        var (name, other) = (Unique("a"), Unique("b"));
        var (vendor, well) = (new ShowingVendor(_person), new ShowingVendor(_person));
        var request = await AskAsync(ErasurePhase.ErasingDestinations, [_person]);
        await StartJobAsync(name, Noon.AddMinutes(-5));
        await StartJobAsync(other, Noon.AddMinutes(5));
        await EraseAsync(request, Hub((name, vendor), (other, well)));
        Assert.That((vendor.People.Count, Erased(request)), Is.EqualTo((0, (object?)null)), "deleted at once, and not done");
        Assert.That((await DoneAsync(request)).Select(done => (done.Destination, done.Action, done.Reason)), Is.EquivalentTo(new[] { (name, DestinationErasure.Deleting, PersonDeletion.VendorJob), (other, DestinationErasure.Deleted, null) }), "what was handed over later does not name the person");

        vendor.People.Add(_person);
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync("DELETE FROM bulk_jobs WHERE destination = @destination", CancellationToken.None, ("destination", name));
        });
        await EraseAsync(request, Hub((name, vendor), (other, well)));
        Assert.That((vendor.People.Count, Erased(request)?.WithIssues), Is.EqualTo((0, (bool?)false)));
    }

    private Task StartJobAsync(string destination, DateTimeOffset at) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(
            "INSERT INTO bulk_jobs (destination, lane, partition, run_id, audience, operation, remote_job, plan_version, started_at, poll_at) VALUES (@destination, 'bulk', 0, @run, 'aud', 1, 'job-1', 'plan-1', @at, @at)",
            CancellationToken.None, ("destination", destination), ("run", Guid.NewGuid()), ("at", at));
    });

    [Test]
    public async Task Should_open_what_was_sealed_with_the_secret_that_is_being_replaced_and_do_nothing_without_it()
    {
        var (old, young) = (TombstoneSecret.Random(), TombstoneSecret.Random());
        var vendor = new ShowingVendor(_person) { HasIds = false };
        var request = await AskAsync(ErasurePhase.ErasingDestinations, [_person], people: new SealedPeople(new TombstoneSecrets([old])));
        Assert.That(() => EraseAsync(request, Hub(("a", vendor)), new SealedPeople(new TombstoneSecrets([young]))), Throws.TypeOf<UnknownTombstoneSecretException>());
        Assert.That((Erased(request), Postponed(request).Count, vendor.Asked), Is.EqualTo(((object?)null, 0, 0)));

        await EraseAsync(request, Hub(("a", vendor)), new SealedPeople(new TombstoneSecrets([young, old])));
        Assert.That((Erased(request)!.WithIssues, vendor.People.Count), Is.EqualTo((false, 0)));
    }

    [Test]
    public async Task Should_certify_nothing_when_nobody_knows_any_more_whom()
    {
        var vendor = new ShowingVendor(_person);
        var request = await AskAsync(ErasurePhase.ErasingDestinations, [_person]);
        await WriteAsync(db => SealedPeople.ForgetAsync(db, request, CancellationToken.None));
        await EraseAsync(request, Hub(("a", vendor)));
        Assert.That((Erased(request), Postponed(request).Single().WaitingFor), Is.EqualTo(((object?)null, PersonDeletion.KeysGone(request))));
    }

    [Test]
    public async Task Should_name_a_destination_that_was_told_of_the_person_and_that_no_hub_has_any_more()
    {
        var (gone, elsewhere, name) = (Unique("gone"), Unique("elsewhere"), Unique("hub"));
        await WriteAsync(db => Heartbeats.BeatAsync(db, name, "1", "config", [HubSighting.RoleOf(elsewhere)], null, TimeSpan.FromMinutes(1), CancellationToken.None));
        var request = await AskAsync(ErasurePhase.ErasingDestinations, [_person], toldAt: [gone]);
        await EraseAsync(request, Hub(("a", new ShowingVendor(_person))));
        var done = (await DoneAsync(request)).ToDictionary(one => one.Destination, one => (one.Action, one.Reason));
        Assert.That(done[gone], Is.EqualTo((DestinationErasure.NotPossible, PersonDeletion.NotConfigured)));
        Assert.That(done[elsewhere], Is.EqualTo((DestinationErasure.Deleting, PersonDeletion.NotConfigured)), "a hub that lives has it");
        Assert.That(Erased(request), Is.Null);

        await WriteAsync(db => Heartbeats.LeaveAsync(db, name, CancellationToken.None));
        await EraseAsync(request, Hub(("a", new ShowingVendor()), (elsewhere, new ShowingVendor(_person))));
        Assert.That(Erased(request)!.WithIssues, Is.True, "the other hub took the step up; one destination is left");
    }

    [Test]
    public async Task Should_know_every_destination_that_was_told_of_somebody()
    {
        var (audience, destination) = (Unique("aud"), Unique("dest"));
        await ApplyAsync(audience, "full", 0, _person);
        var run = await StartRunAsync(audience, destination: destination);
        await PlanAsync(run, audience, destination: destination);
        await DeliverAllAsync(destination: destination);
        var search = Scopes.CreateScope().ServiceProvider.GetRequiredService<PersonSearch>();
        var person = (await ReadAsync(db => search.FindAsync(db, new PersonKey(KeyKind.ExternalId, _person), CancellationToken.None)))!;
        Assert.That(person.Destinations, Is.EqualTo(new[] { destination }));

        var request = Guid.NewGuid();
        await WriteAsync(db => People.KeepAsync(db, request, person, CancellationToken.None));
        Assert.That((await ReadAsync(db => People.FindAsync(db, request, CancellationToken.None)))!.Destinations, Is.EqualTo(new[] { destination }));
    }

    [Test]
    public async Task Should_find_by_the_vendors_id_whose_key_was_changed_there()
    {
        var (changed, other) = (Unique("changed"), Unique("other"));
        await AppendAsync(Profile(other, "{}"));
        var (one, two, three) = (new TracingVendor(_person, changed), new TracingVendor(other), new TracingVendor(_person));
        (one.Records["r1"], one.Records["r2"], two.Records["r3"], three.Records["r4"]) = (changed, _person, other, "");
        var request = await AskAsync(ErasurePhase.ErasingDestinations, [_person], remoteIds: new() { ["a"] = ["r1", "r2", "gone"], ["b"] = ["r3"], ["c"] = ["r4"] });
        await EraseAsync(request, Hub(("a", one), ("b", two), ("c", three)));

        Assert.That(one.People, Is.Empty, "under both keys");
        Assert.That(two.People, Is.EqualTo(new[] { other }), "somebody else has the record now");
        Assert.That((await DoneAsync(request)).Select(done => (done.Destination, done.Action, done.Reason, done.Found)), Is.EqualTo(new[]
        {
            ("a", DestinationErasure.Deleted, null, 2), ("b", DestinationErasure.NotPossible, PersonDeletion.IdOfAnother, 0), ("c", DestinationErasure.NotPossible, PersonDeletion.RecordWithoutKey, 1),
        }));
    }

    /// <summary>A run may have taken the person for a stranger, of whom it knows the vendor's id alone, and be about to remove it.</summary>
    [Test]
    public async Task Should_learn_under_which_id_a_vendor_shows_the_person()
    {
        var (destination, audience, run, next) = (Unique("dest"), Unique("aud"), Guid.NewGuid(), Guid.NewGuid());
        var shown = new RemoteMember("remote-0", null);
        await WriteAsync(db => Verification.StageAsync(db, run, 0, destination, [shown], CancellationToken.None));
        await WriteAsync(db => Verification.AdoptStrangersAsync(db, run, 0, destination, audience, "external_id", Noon, CancellationToken.None));
        var request = await AskAsync(ErasurePhase.ErasingDestinations, [_person]);
        await EraseAsync(request, Hub((destination, new ShowingVendor(_person))));

        Assert.That(await CountAsync($"SELECT count(*) FROM destination_profiles WHERE destination = '{destination}'"), Is.Zero, "the stranger");
        await WriteAsync(db => Verification.StageAsync(db, next, 0, destination, [shown], CancellationToken.None));
        Assert.That(await CountAsync($"SELECT count(*) FROM verification_members WHERE run_id = '{next}'"), Is.Zero, "nor is it taken for one again");
    }

    private static RecordOutcome? Refuse(BatchItem item) => new() { RecordId = item.RecordId, Outcome = Outcome.Rejected, Code = "http_403" };
}
