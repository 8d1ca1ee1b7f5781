using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Watch;
using MassTransit;

namespace IntegrationHub.Hub.Tests.DeadLetters;

/// <summary>The vendor says whether it has an event; a guess settles nothing, and nothing is sent by asking.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_vendor_is_asked_about_letters(StorageDatabase database) : LetterFixture(database)
{
    private const string Viewed = "viewed";
    private readonly List<EventQuestion> _asked = [];
    private Func<int, EventSighting> _shows = null!;

    [SetUp]
    public async Task Lose_the_answers()
    {
        _asked.Clear();
        await Destination.DisposeAsync();
        Vendor = new AcmeConnector { Descriptor = Acme.DescriptorOfWhatDoubles };
        Destination = Acme.Destination(Vendor, name: Name, audience: Audience, events: new Dictionary<string, EventSection> { [Viewed] = new("V", null, new Dictionary<string, string>()) });
        await WriteAsync(db => Ledger.RouteEventsAsync(db, [new EventRoute(Name, Viewed)], partitions: 1, CancellationToken.None));
        await DrainAsync();
        Array.Sort(People, StringComparer.Ordinal);
        await AppendAsync([.. People.Select(Event)]);
        Vendor.Deliver = batch => Task.FromResult(Told(batch, Outcome.Ambiguous, ReasonCode.Ambiguous));
        await DrainAsync(Lane.Live);
        Vendor.Delivered.Clear();
        Heal();
        Vendor.Find = questions =>
        {
            _asked.AddRange(questions);
            return [.. questions.Select(question => _shows(Array.IndexOf(People, question.Key)) with { RecordId = question.RecordId })];
        };
        _shows = person => person switch { 0 => new(0, EventPresence.There), 1 => new(0, EventPresence.NotThere), _ => new(0, EventPresence.Unclear, "acme_counts_only") };
    }

    [Test]
    public async Task Should_settle_what_is_there_open_what_is_not_and_leave_what_is_unclear_with_the_reason()
    {
        Clock.Now += TimeSpan.FromHours(2);
        var action = await AskAsync();
        Assert.That(await LettersByPersonAsync(), Is.EqualTo(new[]
        {
            (LetterStatus.Delivered, ReasonCode.Ambiguous, "settled_by_vendor"), (LetterStatus.Open, "not_at_vendor", "not_at_vendor"), (LetterStatus.Open, ReasonCode.Ambiguous, "acme_counts_only"),
        }));
        Assert.That(await ResultsAsync(action), Is.EquivalentTo(new[] { (LetterStatus.Delivered, "settled_by_vendor", 1L), (LetterStatus.Open, "not_at_vendor", 1L), (LetterStatus.Open, "acme_counts_only", 1L) }));
        Assert.That((await ActionAsync(action)).State, Is.EqualTo(LetterActionState.Done));
        Assert.That(Sent, Is.Empty, "asking sends nothing");
        Assert.That(await ReceiptsAsync(), Is.EqualTo(1), "accepted is what the vendor shows");
        await AssertCountedAsync();

        await ConfirmAsync(LetterActionKind.Replay, 1, new LetterFilter(Name, Code: "not_at_vendor"));
        await WorkAsync();
        Assert.That(Sent, Is.EqualTo(new[] { "TrackEvent 1" }), "without a word about repeats");
        var refusal = (await Desk().ConfirmAsync(Ask(LetterActionKind.Replay, new LetterFilter(Name), 1), CancellationToken.None)).Refusal!;
        Assert.That(refusal.Type, Is.EqualTo("repeat-not-allowed"), "the unclear one still is");
    }

    [Test]
    public async Task Should_not_believe_that_it_is_not_there_before_the_vendor_must_show_it()
    {
        var action = await AskAsync();
        Assert.That((await LettersByPersonAsync()).Select(letter => letter.Item3), Is.EqualTo(new[] { "settled_by_vendor", "too_early", "acme_counts_only" }));
        Assert.That((await LettersByPersonAsync())[1], Is.EqualTo((LetterStatus.Open, ReasonCode.Ambiguous, "too_early")));
        Assert.That(await ResultsAsync(action), Has.Member((LetterStatus.Open, "too_early", 1L)));
    }

    [Test]
    public async Task Should_ask_from_the_time_of_the_call_under_the_present_key()
    {
        await AskAsync();
        Assert.That(_asked.Select(question => (question.Key, question.Event.Name)), Is.EqualTo(People.Select(person => (person, "V"))));
        Assert.That(_asked, Has.All.Matches<EventQuestion>(question => question is not null && question.SentFrom <= question.SentUntil && question.SentUntil <= Clock.Now && question.SentFrom > Clock.Now - TimeSpan.FromMinutes(5)));
    }

    [Test]
    public async Task Should_ask_by_itself_once_the_answer_is_certain_and_never_twice()
    {
        Letters.AskVendor = true;
        await WorkAsync();
        Assert.That(_asked, Is.Empty, "it is too early");
        Clock.Now += TimeSpan.FromHours(2);
        await WorkAsync();
        await WorkAsync();
        Assert.That(_asked, Has.Count.EqualTo(3));
        Assert.That((await ReadAsync(db => LetterActions.ListAsync(db, Name, new PageAsk(), CancellationToken.None))).Items.Select(action => (action.By, action.Kind, action.State)), Is.EqualTo(new[] { ("hub", LetterActionKind.SettleByVendor, LetterActionState.Done) }));
        Clock.Now += TimeSpan.FromHours(2);
        await WorkAsync();
        Assert.That(_asked, Has.Count.EqualTo(3), "what is unclear stays so");
    }

    [Test]
    public async Task Should_wait_for_the_next_day_when_reading_back_took_its_share()
    {
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync("INSERT INTO read_back_days (destination, day, calls) VALUES (@destination, @day, @calls)", CancellationToken.None, ("destination", Name), ("day", new DateTimeOffset(Clock.Now.UtcDateTime.Date, TimeSpan.Zero)), ("calls", long.MaxValue / 2));
        });
        var action = await AskAsync();
        Assert.That(_asked, Is.Empty);
        Assert.That(await ActionAsync(action), Has.Property(nameof(LetterAction.State)).EqualTo(LetterActionState.Running).And.Property(nameof(LetterAction.WaitingFor)).Contains("read_back_share"));
        Clock.Now += TimeSpan.FromDays(1);
        await WorkAsync();
        Assert.That((await ActionAsync(action)).State, Is.EqualTo(LetterActionState.Done));
    }

    [Test]
    public async Task Should_say_what_keeps_it_while_the_vendor_cannot_be_asked_and_go_on_afterwards()
    {
        var find = Vendor.Find;
        Vendor.Find = _ => throw new DestinationException(new DestinationCondition(DestinationTrouble.Misconfigured, "acme_forbidden"));
        var action = await AskAsync();
        var run = (await ReadAsync(db => Situations.ReadAsync(db, Clock.Now, CancellationToken.None))).Runs.Single(open => open.Subject == $"{action.ActionId}");
        Assert.That((run.StalledSince is not null, run.WaitingFor), Is.EqualTo((true, run.WaitingFor)));
        Assert.That(run.WaitingFor, Does.Contain("acme_forbidden"));
        Vendor.Find = find;
        Clock.Now += TimeSpan.FromMinutes(5);
        await WorkAsync();
        Assert.That((await ActionAsync(action)).State, Is.EqualTo(LetterActionState.Done));
    }

    [Test]
    public async Task Should_give_the_letters_back_when_it_is_stopped()
    {
        Vendor.Find = _ => throw new DestinationException(new DestinationCondition(DestinationTrouble.Unavailable, "acme_down"));
        var action = await AskAsync();
        Assert.That((await Desk().StopAsync(action.ActionId, "person:anna", "api", null, CancellationToken.None)).Refusal, Is.Null);
        await WorkAsync();
        Assert.That((await ActionAsync(action)).State, Is.EqualTo(LetterActionState.Stopped));
        Assert.That(await StatusesAsync(), Is.All.EqualTo(LetterStatus.Open));
    }

    [Test]
    public async Task Should_refuse_where_nobody_can_be_asked()
    {
        await Destination.DisposeAsync();
        Destination = Acme.Destination(new Silent(), name: Name, audience: Audience);
        var refusal = (await Desk().ConfirmAsync(Ask(LetterActionKind.SettleByVendor, new LetterFilter(Name), 3), CancellationToken.None)).Refusal!;
        Assert.That((refusal.Status, refusal.Type), Is.EqualTo((422, "vendor-cannot-tell")));
    }

    private async Task<LetterAction> AskAsync()
    {
        var action = await ConfirmAsync(LetterActionKind.SettleByVendor, 3, new LetterFilter(Name));
        await WorkAsync();
        return action;
    }

    private async Task<(string, string, string)[]> LettersByPersonAsync()
    {
        var found = new List<(string, string, string)>();
        foreach (var person in People)
        {
            (string, object?)[] who = [("person", person), ("destination", Name)];
            const string From = "FROM dead_letters l JOIN profiles p ON p.profile_id = l.profile_id WHERE p.external_id = @person AND l.destination = @destination";
            found.Add(((await TextAsync($"SELECT l.status {From}", who))!, (await TextAsync($"SELECT l.code {From}", who))!, (await TextAsync($"SELECT l.result_code {From}", who))!));
        }

        return [.. found];
    }

    private Task<long> ReceiptsAsync() => CountAsync($"SELECT count(*) FROM event_receipts WHERE destination = '{Name}' AND outcome = '{LedgerOutcome.Delivered}'");

    private static LedgerFact Event(string person)
    {
        var happened = new BehaviorTracked { EventId = NewId.NextGuid(), OccurredAt = Noon, Producer = "shop", Subject = new Subject { ExternalId = person }, Payload = new TrackedBehavior { Name = Viewed } };
        return new LedgerFact
        {
            EventId = happened.EventId, EventType = happened.EventType, OccurredAt = Noon, Producer = "shop", ExternalId = person, EventName = Viewed, BodyJson = JsonSerializer.Serialize(happened),
        };
    }

    /// <summary>A vendor that recognises repeats and shows no events.</summary>
    private sealed class Silent : IConnector
    {
        public ConnectorDescriptor Descriptor => Acme.Descriptor;

        public Task<DestinationCondition?> CheckAsync(CancellationToken cancellationToken) => Task.FromResult<DestinationCondition?>(null);

        public Task<EnsureAudienceResult> EnsureAudienceAsync(AudienceRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<Receipt> DeliverAsync(Batch batch, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
