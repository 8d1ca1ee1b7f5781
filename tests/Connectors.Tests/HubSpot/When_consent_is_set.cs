using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot;
using IntegrationHub.Connectors.Sandbox;
using static Connectors.Tests.HubSpot.HubSpotAccount;

namespace Connectors.Tests.HubSpot;

public sealed class When_consent_is_set
{
    private const string Newsletter = "39644612";
    private const string Offers = "39644613";
    private const string Ann = "ann@example.test";

    private HubSpotAccount _account = null!;

    [SetUp]
    public async Task StartAsync() => _account = await HubSpotAccount.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _account.DisposeAsync();

    [TestCase("batch")]
    [TestCase("single")]
    public async Task Should_write_topics_before_there_is_a_contact_and_find_a_repeat_unchanged(string calls)
    {
        var connector = _account.Connect("hub_external_id", ("consent_calls", calls));

        var first = await DeliverAsync(connector, Operation.SetConsent, Consent("A", null, (Newsletter, true), (Offers, false)));
        var repeat = await DeliverAsync(connector, Operation.SetConsent, Consent("A", null, (Newsletter, true), (Offers, false)));

        Assert.That((first[0].Outcome, repeat[0].Outcome), Is.EqualTo((Outcome.Delivered, Outcome.Unchanged)));
        Assert.That(_account.HubSpot.ConsentOf(Ann), Is.EquivalentTo(new Dictionary<string, string> { [Newsletter] = "SUBSCRIBED", [Offers] = "UNSUBSCRIBED" }));
        Assert.That(_account.HubSpot.People(), Is.Empty);
    }

    [TestCase("batch")]
    [TestCase("single")]
    public async Task Should_let_an_opt_out_of_a_topic_stand_and_apply_the_rest(string calls)
    {
        var connector = _account.Connect("hub_external_id", ("consent_calls", calls));
        await DeliverAsync(connector, Operation.SetConsent, Consent("A", null, (Newsletter, false), (Offers, true)));

        var outcome = await DeliverAsync(connector, Operation.SetConsent, Consent("A", null, (Newsletter, true), (Offers, false)));

        Assert.That((outcome[0].Outcome, outcome[0].Code), Is.EqualTo((Outcome.Rejected, ReasonCode.OptOutStands)));
        Assert.That(_account.HubSpot.ConsentOf(Ann).Values, Is.All.EqualTo("UNSUBSCRIBED"));
    }

    [TestCase("batch")]
    [TestCase("single")]
    public async Task Should_opt_out_of_everything_and_never_lift_it(string calls)
    {
        var connector = _account.Connect("hub_external_id", ("consent_calls", calls));
        await DeliverAsync(connector, Operation.SetConsent, Consent("A", null, (Newsletter, true)));

        var left = await DeliverAsync(connector, Operation.SetConsent, Consent("A", false, (Newsletter, true)));
        var back = await DeliverAsync(connector, Operation.SetConsent, Consent("A", null, (Newsletter, true)));

        Assert.That(left[0].Outcome, Is.EqualTo(Outcome.Delivered));
        Assert.That((back[0].Outcome, back[0].Code), Is.EqualTo((Outcome.Rejected, ReasonCode.OptOutStands)));
        Assert.That(_account.HubSpot.ConsentOf(Ann), Is.EquivalentTo(new Dictionary<string, string>
        {
            ["*"] = "UNSUBSCRIBED", [Newsletter] = "UNSUBSCRIBED", [Offers] = "UNSUBSCRIBED",
        }));
    }

    [Test]
    public async Task Should_tell_what_the_opt_out_of_everything_leaves_to_do()
    {
        var connector = _account.Connect();
        await DeliverAsync(connector, Operation.SetConsent, Consent("A", false));

        var outcomes = new List<RecordOutcome>();
        foreach (var item in new[] { Consent("A", false), Consent("A", true), Consent("A", null, (Newsletter, false)), Consent("A", null) })
        {
            outcomes.AddRange(await DeliverAsync(connector, Operation.SetConsent, item));
        }

        Assert.That(outcomes.Select(static o => o.Outcome), Is.EqualTo(new[] { Outcome.Unchanged, Outcome.Rejected, Outcome.Unchanged, Outcome.Unchanged }));
        Assert.That(outcomes[1].Code, Is.EqualTo(ReasonCode.OptOutStands));
    }

    [Test]
    public async Task Should_let_one_bad_address_condemn_no_other()
    {
        var connector = _account.Connect();
        var bad = Consent("B", null, (Newsletter, true));
        bad = bad with { Consent = bad.Consent! with { Email = "nonsense" } };

        var outcomes = await DeliverAsync(connector, Operation.SetConsent, Consent("A", null, (Newsletter, true)), bad);

        Assert.That(outcomes.Select(static o => o.Outcome), Is.EqualTo(new[] { Outcome.Delivered, Outcome.Rejected }));
    }

    [Test]
    public async Task Should_let_one_unknown_topic_condemn_no_other()
    {
        var outcomes = await DeliverAsync(_account.Connect("email"), Operation.SetConsent,
            Consent("a", null, (Newsletter, true)), With("b@example.test", Consent("b", null, (Offers, true), ("5", true))));

        Assert.That(outcomes.Select(static o => (o.Outcome, o.Code)), Is.EqualTo(new[] { (Outcome.Delivered, null), (Outcome.Rejected, (string?)"hubspot_VALIDATION_ERROR") }));
    }

    [Test]
    public async Task Should_not_guess_whom_an_error_is_about()
    {
        const string Told = """{"results":[{"subscriberIdString":"a@example.test","wideStatuses":[]}],"errors":[{"category":"VALIDATION_ERROR"}]}""";
        using var hubspot = new ScriptedHubSpot().Answer(207, Told).Answer(207, Told);
        var items = new[] { "b@example.test", "c@example.test" }.Select(address => With(address, Consent(address, false)));

        var receipt = await hubspot.Connect().DeliverAsync(new Batch { Operation = Operation.SetConsent, Items = [.. items] }, default);

        Assert.That(receipt.Kinds(), Is.All.EqualTo(Outcome.RetryLater));
    }

    [Test]
    public async Task Should_refuse_what_HubSpot_has_no_place_for()
    {
        var connector = _account.Connect();
        var sms = Consent("C", null);
        var none = Consent("A", null, (Newsletter, true));

        var outcomes = await DeliverAsync(connector, Operation.SetConsent,
            none with { Consent = none.Consent! with { Email = null } },
            sms with { Consent = sms.Consent! with { Topics = [new TopicConsent(Newsletter, true, ConsentChannel.Sms)] } },
            Consent("D", null, ("newsletter", true)),
            _account.Person("E"));

        Assert.That(outcomes.Select(static o => o.Outcome), Is.All.EqualTo(Outcome.Rejected));
        Assert.That(outcomes.Select(static o => o.Code), Is.EqualTo(new[]
        {
            ReasonCode.IdentityMissing, "hubspot_topic_is_not_email", "hubspot_topic_is_no_subscription_id", "hubspot_consent_missing",
        }));
    }

    [Test]
    public async Task Should_take_the_key_for_the_address_where_it_is_one()
    {
        var item = Consent(" ANN@example.test", null, (Newsletter, true));

        var outcome = await DeliverAsync(_account.Connect("email"), Operation.SetConsent, item with { Consent = item.Consent! with { Email = null } });

        Assert.That(outcome[0].Outcome, Is.EqualTo(Outcome.Delivered));
        Assert.That(_account.HubSpot.ConsentOf(Ann)[Newsletter], Is.EqualTo("SUBSCRIBED"));
    }

    [Test]
    public async Task Should_give_a_legal_basis_where_the_account_needs_one()
    {
        _account.HubSpot.NeedsLegalBasis = true;

        var without = await DeliverAsync(_account.Connect("hub_external_id", ("consent_calls", "single")), Operation.SetConsent, Consent("A", null, (Newsletter, true)));
        var with = await DeliverAsync(_account.Connect("hub_external_id", ("legal_basis", "CONSENT_WITH_NOTICE")), Operation.SetConsent, Consent("A", null, (Newsletter, true)));

        Assert.That((without[0].Outcome, with[0].Outcome), Is.EqualTo((Outcome.Rejected, Outcome.Delivered)));
    }

    [Test]
    public async Task Should_say_when_the_account_lacks_the_calls_for_many_addresses()
    {
        _account.HubSpot.IsEnterprise = false;

        var receipt = await _account.Connect().DeliverAsync(
            new Batch { Operation = Operation.SetConsent, Items = [Consent("A", null, (Newsletter, true))] }, CancellationToken.None);
        var single = await DeliverAsync(_account.Connect("hub_external_id", ("consent_calls", "single")), Operation.SetConsent, Consent("A", null, (Newsletter, true)));

        Assert.That(receipt.Condition, Is.EqualTo(new DestinationCondition(DestinationTrouble.Misconfigured, "hubspot_MISSING_SCOPES")));
        Assert.That(single[0].Outcome, Is.EqualTo(Outcome.Delivered));
    }

    [Test]
    public async Task Should_show_consent_with_its_person()
    {
        await _account.CreateAsync(_account.Connect(), _account.Person("a", ("email", Ann)));
        await DeliverAsync(_account.Connect(), Operation.SetConsent, Consent("a", null, (Newsletter, true)));

        Assert.That(_account.HubSpot.People().Single().Consent, Is.EquivalentTo(new Dictionary<string, string> { [Newsletter] = "SUBSCRIBED" }));
    }

    [Test]
    public async Task Should_write_more_topics_than_a_call_takes()
    {
        var people = Enumerable.Range(0, 100).Select(n =>
        {
            var item = Consent($"p-{n}", null, (Newsletter, true), (Offers, true));
            return item with { Consent = item.Consent! with { Email = $"p{n}@example.test" } };
        }).ToArray();

        var outcomes = await DeliverAsync(_account.Connect(), Operation.SetConsent, people);

        Assert.That(outcomes.Select(static o => o.Outcome), Is.All.EqualTo(Outcome.Delivered));
        Assert.That(_account.Room.Stats.Of("communication-preferences/v4/statuses/batch/write").MaxRecords, Is.EqualTo(100));
    }

    [TestCase("communication-preferences/v4/statuses/batch/unsubscribe-all/read")]
    [TestCase("communication-preferences/v4/statuses/batch/read")]
    [TestCase("communication-preferences/v4/statuses/batch/write")]
    public async Task Should_not_take_an_empty_answer_for_consent(string endpoint)
    {
        _account.Room.Faults.Add(new Fault { Kind = FaultKind.EmptyBody, Endpoint = endpoint });

        var outcome = await DeliverAsync(_account.Connect(), Operation.SetConsent, Consent("A", null, (Newsletter, true)));

        Assert.That((outcome[0].Outcome, outcome[0].Code), Is.EqualTo((Outcome.RetryLater, "hubspot_not_mentioned")));
    }

    [TestCase("communication-preferences/v4/statuses/batch/unsubscribe-all")]
    [TestCase("communication-preferences/v4/statuses/{email}/unsubscribe-all")]
    public async Task Should_ask_what_HubSpot_holds_when_an_opt_out_is_answered_with_nothing(string endpoint)
    {
        _account.Room.Faults.Add(new Fault { Kind = FaultKind.EmptyBody, Endpoint = endpoint, Calls = 1 });

        var outcome = await DeliverAsync(
            _account.Connect("hub_external_id", ("consent_calls", endpoint.Contains('{', StringComparison.Ordinal) ? "single" : "batch")), Operation.SetConsent, Consent("A", false));

        Assert.That((outcome[0].Outcome, outcome[0].Code), Is.EqualTo((Outcome.Delivered, (string?)null)));
    }

    [Test]
    public async Task Should_opt_out_without_asking_first()
    {
        await DeliverAsync(_account.Connect(), Operation.SetConsent, Consent("A", false));
        await DeliverAsync(_account.Connect(), Operation.SetConsent, Consent("A", null, (Newsletter, false)));

        Assert.That(_account.Room.Stats.Of("communication-preferences/v4/statuses/batch/unsubscribe-all/read").Calls, Is.Zero);
        Assert.That(_account.Room.Stats.Of("communication-preferences/v4/statuses/batch/read").Calls, Is.Zero);
    }

    [Test]
    public async Task Should_keep_the_record_id_that_the_hub_remembers_while_consent_is_not_settled()
    {
        using var hubspot = new ScriptedHubSpot().Answer(200, """{"status":"COMPLETE","results":[]}""").Answer(200, """{"status":"COMPLETE","results":[]}""");

        var receipt = await hubspot.Connect().DeliverAsync(
            new Batch { Operation = Operation.SetConsent, Items = [Consent("A", false) with { RemoteId = "501" }] }, CancellationToken.None);

        Assert.That(receipt.Outcomes.Select(static o => (o.Outcome, o.RemoteId)), Is.EqualTo(new[] { (Outcome.RetryLater, "501") }));
    }

    private static BatchItem With(string email, BatchItem item) => item with { Consent = item.Consent! with { Email = email } };

    private BatchItem Consent(string key, bool? marketing, params (string Topic, bool Granted)[] topics) => _account.Person(key) with
    {
        Consent = new ConsentChange
        {
            Email = Ann,
            MarketingEmail = marketing,
            Topics = [.. topics.Select(static topic => new TopicConsent(topic.Topic, topic.Granted))],
            DecidedAt = DateTimeOffset.UnixEpoch,
            Source = "Sign-up form",
        },
    };
}
