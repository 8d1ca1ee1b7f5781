using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot;
using IntegrationHub.Connectors.Sandbox;
using static Connectors.Tests.HubSpot.HubSpotAccount;

namespace Connectors.Tests.HubSpot;

public sealed class When_identities_change_at_hubspot
{
    private HubSpotAccount _account = null!;
    private HubSpotConnector _connector = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _account = await HubSpotAccount.StartAsync();
        _connector = _account.Connect();
    }

    [TearDown]
    public async Task StopAsync() => await _account.DisposeAsync();

    [TestCase("hub_external_id", "old-1", "new-1")]
    [TestCase("email", "old@example.test", "new@example.test")]
    public async Task Should_change_a_key_without_a_second_contact(string identityKey, string old, string now)
    {
        _connector = _account.Connect(identityKey);
        var id = (await _account.CreateAsync(_connector, _account.Person(old, ("firstname", "Ann"))))[0];

        var first = await DeliverAsync(_connector, Operation.ChangeKey, _account.ChangeOfKey(old, now));
        var repeat = await DeliverAsync(_connector, Operation.ChangeKey, _account.ChangeOfKey(old, now));

        Assert.That((first[0].Outcome, first[0].RemoteId), Is.EqualTo((Outcome.Delivered, id)));
        Assert.That((repeat[0].Outcome, repeat[0].RemoteId), Is.EqualTo((Outcome.Unchanged, id)));
        Assert.That(_account.HubSpot.People().Single().Keys[identityKey], Is.EqualTo(now));
    }

    [Test]
    public async Task Should_pass_an_address_on_from_one_person_to_the_next()
    {
        var connector = _account.Connect("email");
        await _account.CreateAsync(connector, _account.Person("a@example.test", ("firstname", "A")), _account.Person("b@example.test", ("firstname", "B")), _account.Person("c@example.test", ("firstname", "C")));

        var outcomes = await HubSpotAccount.DeliverAsync(connector, Operation.ChangeKey,
            _account.ChangeOfKey("c@example.test", "b@example.test"), _account.ChangeOfKey("b@example.test", "a@example.test"), _account.ChangeOfKey("a@example.test", "d@example.test"));

        Assert.That(outcomes.Select(static outcome => outcome.Outcome), Is.All.EqualTo(Outcome.Delivered));
        Assert.That(_account.HubSpot.People().ToDictionary(static person => person.Fields["firstname"].Trim('"'), static person => person.Keys["email"]),
            Is.EquivalentTo(new Dictionary<string, string> { ["A"] = "d@example.test", ["B"] = "a@example.test", ["C"] = "b@example.test" }));
    }

    [Test]
    public async Task Should_not_swap_the_addresses_of_two_people()
    {
        var connector = _account.Connect("email");
        await _account.CreateAsync(connector, _account.Person("a@example.test", ("firstname", "A")), _account.Person("b@example.test", ("firstname", "B")));

        var outcomes = await HubSpotAccount.DeliverAsync(connector, Operation.ChangeKey,
            _account.ChangeOfKey("a@example.test", "b@example.test"), _account.ChangeOfKey("b@example.test", "a@example.test"));

        Assert.That(outcomes.Select(static outcome => outcome.Code), Is.All.EqualTo(ReasonCode.DuplicatesAtVendor));
    }

    [Test]
    public async Task Should_move_an_email_with_its_contact_when_it_is_no_key()
    {
        var id = (await _account.CreateAsync(_connector, _account.Person("a", ("email", "old@example.test"))))[0];

        await DeliverAsync(_connector, Operation.UpsertProfile, _account.Person("a", ("email", "new@example.test")));

        Assert.That(_account.HubSpot.People().Single().Keys["email"], Is.EqualTo("new@example.test"));
        Assert.That(_account.Find(id), Is.Not.Null);
    }

    [Test]
    public async Task Should_make_a_further_email_of_the_contact_its_first_one()
    {
        _connector = _account.Connect("email");
        var id = (await _account.CreateAsync(_connector, _account.Person("old@example.test", ("firstname", "Ann"))))[0];
        _account.HubSpot.AddFurtherEmail(long.Parse(id, System.Globalization.CultureInfo.InvariantCulture), "new@example.test");

        var outcome = await DeliverAsync(_connector, Operation.ChangeKey, _account.ChangeOfKey("old@example.test", "new@example.test"));

        Assert.That((outcome[0].Outcome, outcome[0].RemoteId), Is.EqualTo((Outcome.Delivered, id)));
        Assert.That(_account.HubSpot.People().Single().Keys["email"], Is.EqualTo("new@example.test"));
    }

    [Test]
    public async Task Should_report_duplicates_when_the_new_key_is_taken()
    {
        await _account.CreateAsync(_connector, _account.Person("old-1", ("firstname", "Ann")), _account.Person("new-1", ("firstname", "Ann")));

        var outcome = await DeliverAsync(_connector, Operation.ChangeKey, _account.ChangeOfKey("old-1", "new-1"));

        Assert.That((outcome[0].Outcome, outcome[0].Code), Is.EqualTo((Outcome.Rejected, ReasonCode.DuplicatesAtVendor)));
    }

    [Test]
    public async Task Should_report_duplicates_when_one_contact_has_the_key_and_another_the_email()
    {
        await _account.CreateAsync(_connector, _account.Person("a", ("firstname", "Ann")));
        await _account.CreateAsync(_account.Connect("email"), _account.Person("ann@example.test", ("firstname", "Ann")));

        var outcome = await DeliverAsync(_connector, Operation.UpsertProfile, _account.Person("a", ("email", "ann@example.test")));

        Assert.That((outcome[0].Outcome, outcome[0].Code), Is.EqualTo((Outcome.Rejected, ReasonCode.DuplicatesAtVendor)));
        Assert.That(_account.HubSpot.Duplicates, Is.Zero);
    }

    [Test]
    public async Task Should_let_one_taken_key_condemn_no_other_change()
    {
        await _account.CreateAsync(_connector, _account.Person("a", ("firstname", "A")), _account.Person("b", ("firstname", "B")));

        var outcomes = await DeliverAsync(_connector, Operation.ChangeKey,
            _account.ChangeOfKey("a", "same"), _account.ChangeOfKey("b", "same"), _account.ChangeOfKey("nobody", "x"), _account.Person("c"));

        Assert.That(outcomes.Take(2).Select(static o => o.Outcome), Is.EquivalentTo(new[] { Outcome.Delivered, Outcome.Rejected }));
        Assert.That(outcomes.Take(2).Select(static o => o.Code), Does.Contain(ReasonCode.DuplicatesAtVendor));
        Assert.That(outcomes.Skip(2).Select(static o => (o.Outcome, o.Code)), Is.EqualTo(new[]
        {
            (Outcome.Rejected, (string?)ReasonCode.NotFound), (Outcome.Rejected, ReasonCode.IdentityMissing),
        }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_learn_the_id_under_which_a_merged_contact_lives_on(bool keepsPrimaryId)
    {
        _account.HubSpot.KeepsPrimaryId = keepsPrimaryId;
        var ids = await _account.CreateAsync(_connector, _account.Person("a", ("email", "a@example.test")), _account.Person("b", ("email", "b@example.test"), ("city", "Ulm")));

        var first = await DeliverAsync(_connector, Operation.MergeProfiles, _account.Merge("a", "b"));
        var repeat = await DeliverAsync(_connector, Operation.MergeProfiles, _account.Merge("a", "b"));

        var survivor = _account.HubSpot.People().Single();
        Assert.That(first[0].Outcome, Is.EqualTo(Outcome.Delivered));
        Assert.That(first[0].RemoteId, Is.EqualTo(survivor.Keys["hs_object_id"]));
        Assert.That(first[0].RemoteId == ids[0], Is.EqualTo(keepsPrimaryId));
        Assert.That((repeat[0].Outcome, repeat[0].RemoteId), Is.EqualTo((Outcome.Unchanged, first[0].RemoteId)));
        Assert.That((survivor.Keys["hub_external_id"], survivor.Keys["email"], survivor.Fields["city"]), Is.EqualTo(("a", "a@example.test", "\"Ulm\"")));
    }

    [Test]
    public async Task Should_merge_by_email_and_find_it_done_through_the_further_email()
    {
        _connector = _account.Connect("email");
        await _account.CreateAsync(_connector, _account.Person("a@example.test", ("firstname", "A")), _account.Person("b@example.test", ("firstname", "B")));

        var first = await DeliverAsync(_connector, Operation.MergeProfiles, _account.Merge("a@example.test", "b@example.test"));
        var repeat = await DeliverAsync(_connector, Operation.MergeProfiles, _account.Merge("a@example.test", "b@example.test"));

        Assert.That((first[0].Outcome, repeat[0].Outcome), Is.EqualTo((Outcome.Delivered, Outcome.Unchanged)));
        Assert.That(_account.HubSpot.People().Single().Keys["email"], Is.EqualTo("a@example.test"));
    }

    [Test]
    public async Task Should_settle_a_merge_whose_answer_was_lost_by_looking()
    {
        await _account.CreateAsync(_connector, _account.Person("a", ("firstname", "A")), _account.Person("b", ("firstname", "B")));
        _account.Room.Faults.Add(new Fault { Kind = FaultKind.LostResponse, Endpoint = "crm/v3/objects/contacts/merge", Calls = 1 });
        var batch = new Batch { Operation = Operation.MergeProfiles, Items = [_account.Merge("a", "b")] };

        var lost = await _connector.DeliverAsync(batch, CancellationToken.None);
        var again = await _connector.DeliverAsync(batch, CancellationToken.None);

        Assert.That((lost.Outcomes[0].Outcome, lost.Condition!.Trouble), Is.EqualTo((Outcome.NotSent, DestinationTrouble.Unavailable)));
        Assert.That(again.Outcomes[0].Outcome, Is.EqualTo(Outcome.Unchanged));
        Assert.That(_account.HubSpot.People().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_rename_who_ends_when_the_one_that_stays_was_never_sent()
    {
        var id = (await _account.CreateAsync(_connector, _account.Person("b", ("firstname", "B"))))[0];

        var outcomes = await DeliverAsync(_connector, Operation.MergeProfiles, _account.Merge("a", "b"), _account.Merge("x", "y"), _account.Person("z"));

        Assert.That((outcomes[0].Outcome, outcomes[0].RemoteId), Is.EqualTo((Outcome.Delivered, id)));
        Assert.That(outcomes.Skip(1).Select(static o => o.Code), Is.EqualTo(new[] { ReasonCode.NotFound, ReasonCode.IdentityMissing }));
        Assert.That(_account.Find(id)!.Keys["hub_external_id"], Is.EqualTo("a"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_resolve_a_remembered_id_again_after_a_merge(bool keepsPrimaryId)
    {
        _account.HubSpot.KeepsPrimaryId = keepsPrimaryId;
        var list = await _account.Client.CreateListAsync();
        var ids = await _account.CreateAsync(_connector, _account.Person("a", ("firstname", "A")), _account.Person("b", ("firstname", "B")));
        var survivor = (await DeliverAsync(_connector, Operation.MergeProfiles, _account.Merge("a", "b")))[0].RemoteId;
        var batch = new Batch
        {
            Operation = Operation.AddMember,
            Audience = new AudienceTarget("spring", list),
            Items = [_account.Person("a") with { RemoteId = ids[0] }],
        };

        var receipt = await _connector.DeliverAsync(batch, CancellationToken.None);

        Assert.That((receipt.Outcomes[0].Outcome, receipt.Outcomes[0].RemoteId), Is.EqualTo((Outcome.Delivered, survivor)));
        Assert.That(_account.Find(survivor!)!.Memberships, Is.EqualTo(new[] { list }));
    }

    [Test]
    public async Task Should_update_only_whom_HubSpot_knows()
    {
        var list = await _account.Client.CreateListAsync();
        var id = (await _account.CreateAsync(_connector, _account.Person("a", ("firstname", "A"))))[0];
        foreach (var operation in new[] { Operation.UpsertProfile, Operation.AddMember })
        {
            var receipt = await _connector.DeliverAsync(
                new Batch
                {
                    Operation = operation,
                    UpdateOnly = true,
                    Audience = operation == Operation.AddMember ? new AudienceTarget("spring", list) : null,
                    Items = [_account.Person("a", ("firstname", $"{operation}")), _account.Person("b", ("firstname", "B"))],
                },
                CancellationToken.None);

            Assert.That(receipt.Kinds(), Is.EqualTo(new[] { Outcome.Delivered, Outcome.Rejected }));
            Assert.That(receipt.Outcomes.Select(static o => o.Code), Does.Contain(ReasonCode.NotFound));
            Assert.That(_account.HubSpot.People().Single().Fields["firstname"], Is.EqualTo($"\"{operation}\""));
        }

        Assert.That(_account.Find(id)!.Memberships, Is.EqualTo(new[] { list }));
    }
}
