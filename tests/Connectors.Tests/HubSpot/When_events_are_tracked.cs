using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot;
using IntegrationHub.Connectors.Sandbox;
using static Connectors.Tests.HubSpot.HubSpotAccount;

namespace Connectors.Tests.HubSpot;

public sealed class When_events_are_tracked
{
    private const string Purchase = "pe62515_purchase";

    private HubSpotAccount _account = null!;
    private HubSpotConnector _connector = null!;
    private int _events;

    [SetUp]
    public async Task StartAsync()
    {
        _account = await HubSpotAccount.StartAsync();
        _connector = _account.Connect();
    }

    [TearDown]
    public async Task StopAsync() => await _account.DisposeAsync();

    [Test]
    public async Task Should_record_each_event_once_however_often_it_is_sent()
    {
        await _account.CreateAsync(_connector, _account.Person("a", ("firstname", "A")));
        BatchItem[] items = [Event("a"), Event("a")];

        for (var round = 0; round < 2; round++)
        {
            var outcomes = await DeliverAsync(_connector, Operation.TrackEvent, items);
            Assert.That(outcomes.Select(static o => o.Outcome), Is.All.EqualTo(Outcome.Delivered));
        }

        Assert.That(_account.HubSpot.Events().Select(static e => (e.Name, e.Id, e.PersonKeys["hub_external_id"])),
            Is.EqualTo(items.Select(static item => (Purchase, item.Event!.Id.ToString(), "a"))));
    }

    [Test]
    public async Task Should_hold_back_the_event_of_a_contact_that_is_not_there()
    {
        await _account.CreateAsync(_connector, _account.Person("a", ("firstname", "A")));

        var outcomes = await DeliverAsync(_connector, Operation.TrackEvent, Event("a"), Event("nobody") with { RemoteId = "20000000001" });

        Assert.That(outcomes.Select(static o => (o.Outcome, o.Code)), Is.EqualTo(new[] { (Outcome.Delivered, null), (Outcome.RetryLater, (string?)ReasonCode.NotFound) }));
        Assert.That(_account.HubSpot.Events().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_follow_a_contact_through_its_merge()
    {
        var ids = await _account.CreateAsync(_connector, _account.Person("a", ("firstname", "A")), _account.Person("b", ("firstname", "B")));
        await DeliverAsync(_connector, Operation.TrackEvent, Event("b"));
        var survivor = (await DeliverAsync(_connector, Operation.MergeProfiles, _account.Merge("a", "b")))[0].RemoteId;

        var outcome = await DeliverAsync(_connector, Operation.TrackEvent, Event("a") with { RemoteId = ids[0] });

        Assert.That(outcome[0].RemoteId, Is.EqualTo(survivor));
        Assert.That(_account.HubSpot.Events().Select(static e => e.PersonKeys["hub_external_id"]), Is.EqualTo(new[] { "a", "a" }));
    }

    [Test]
    public async Task Should_refuse_what_would_fail_the_whole_call()
    {
        await _account.CreateAsync(_connector, _account.Person("a", ("firstname", "A")));
        var many = Event("a", [.. Enumerable.Range(0, 51).Select(static n => new Field($"p{n}", FieldValue.Of("x")))]);
        var text = FieldValue.Of(new string('x', 257));

        var outcomes = await DeliverAsync(_connector, Operation.TrackEvent, many, Event("a", new Field("note", text)), Event("a", new Field("page_url", text)), _account.Person("a"));

        Assert.That(outcomes.Select(static o => o.Code), Is.EqualTo(new[] { "hubspot_event_has_too_many_properties", "hubspot_event_value_too_long", null, "hubspot_event_missing" }));
        Assert.That(_account.HubSpot.Events().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_let_one_unknown_kind_of_event_condemn_no_other()
    {
        await _account.CreateAsync(_connector, _account.Person("a", ("firstname", "A")));
        var unknown = Event("a");

        var outcomes = await DeliverAsync(_connector, Operation.TrackEvent,
            Event("a"), unknown with { Event = unknown.Event! with { Name = "pe62515_never_heard_of" } }, Event("a"));

        Assert.That(outcomes.Select(static o => o.Outcome), Is.EqualTo(new[] { Outcome.Delivered, Outcome.Rejected, Outcome.Delivered }));
        Assert.That(_account.HubSpot.Events().Count(), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_repeat_after_a_lost_answer_without_recording_twice()
    {
        await _account.CreateAsync(_connector, _account.Person("a", ("firstname", "A")));
        _account.Room.Faults.Add(new Fault { Kind = FaultKind.LostResponse, Endpoint = "events/v3/send/batch", Calls = 1 });
        var batch = new Batch { Operation = Operation.TrackEvent, Items = [Event("a")] };

        var lost = await _connector.DeliverAsync(batch, CancellationToken.None);
        var again = await _connector.DeliverAsync(batch, CancellationToken.None);

        Assert.That((lost.Outcomes[0].Outcome, again.Outcomes[0].Outcome), Is.EqualTo((Outcome.NotSent, Outcome.Delivered)));
        Assert.That(_account.HubSpot.Events().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_cut_calls_that_would_be_too_large()
    {
        await _account.CreateAsync(_connector, _account.Person("a", ("firstname", "A")));
        var large = Enumerable.Range(0, 50).Select(static n => new Field($"p{n}", FieldValue.Of(new string('"', 250)))).ToArray();

        var outcomes = await DeliverAsync(_connector, Operation.TrackEvent, [.. Enumerable.Range(0, 60).Select(_ => Event("a", large))]);

        Assert.That(outcomes.Select(static o => o.Outcome), Is.All.EqualTo(Outcome.Delivered));
        Assert.That(_account.Room.Stats.Of("events/v3/send/batch").MaxBytes, Is.LessThan(1_000_000));
        Assert.That(_account.HubSpot.Events().Count(), Is.EqualTo(60));
    }

    [Test]
    public async Task Should_tell_what_was_bought_as_properties_of_the_event()
    {
        using var hubspot = new ScriptedHubSpot().Answer(200, """{"results":[{"id":"501","properties":{"hub_external_id":"a"}}]}""").Answer(204);
        var bought = Event("a", new Field("shop", FieldValue.Of("Ulm")), new Field("currency", FieldValue.Of("€")));
        bought = bought with { Event = bought.Event! with { Purchase = new Purchase("sku-1", "EUR", 12.50m, 3) } };

        await DeliverAsync(hubspot.Connect(), Operation.TrackEvent, bought);

        Assert.That(hubspot.Sent[1].Body, Does.Contain("""
            "properties":{"shop":"Ulm","currency":"€","product_id":"sku-1","price":"12.50","quantity":"3"}
            """));
    }

    [Test]
    public async Task Should_count_what_was_bought_among_the_properties()
    {
        await _account.CreateAsync(_connector, _account.Person("a", ("firstname", "A")));
        var many = Event("a", [.. Enumerable.Range(0, 47).Select(static n => new Field($"p{n}", FieldValue.Of("x")))]);

        var outcomes = await DeliverAsync(_connector, Operation.TrackEvent, many with { Event = many.Event! with { Purchase = new Purchase("sku-1", "EUR", 1) } });

        Assert.That(outcomes[0].Code, Is.EqualTo("hubspot_event_has_too_many_properties"));
    }

    private BatchItem Event(string key, params Field[] properties) => _account.Person(key) with
    {
        Event = new Behavior
        {
            Id = new Guid(++_events, 0, 0, new byte[8]),
            Name = Purchase,
            OccurredAt = new DateTimeOffset(2026, 11, 21, 9, 0, 0, TimeSpan.FromHours(1)),
            Properties = properties,
        },
    };
}
