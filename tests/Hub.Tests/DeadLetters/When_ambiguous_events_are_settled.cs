using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using MassTransit;

namespace IntegrationHub.Hub.Tests.DeadLetters;

/// <summary>An event of which nobody knows whether it arrived is sent again only by a person's word.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_ambiguous_events_are_settled(StorageDatabase database) : LetterFixture(database)
{
    private const string Viewed = "viewed";

    [SetUp]
    public async Task Lose_the_answers()
    {
        await Destination.DisposeAsync();
        Vendor = new AcmeConnector { Descriptor = Acme.DescriptorOfWhatDoubles };
        Destination = Acme.Destination(Vendor, name: Name, audience: Audience, events: new Dictionary<string, EventSection> { [Viewed] = new("V", null, new Dictionary<string, string> { ["price"] = "Price" }) });
        await WriteAsync(db => Ledger.RouteEventsAsync(db, [new EventRoute(Name, Viewed)], partitions: 1, CancellationToken.None));
        await DrainAsync();
        await AppendAsync([.. People.Select(Event)]);
        Vendor.Deliver = batch => Task.FromResult(Told(batch, Outcome.Ambiguous, ReasonCode.Ambiguous));
        await DrainAsync(Lane.Live);
        Vendor.Delivered.Clear();
        Heal();
    }

    [Test]
    public async Task Should_not_be_sent_again_unless_somebody_says_that_it_may_double()
    {
        var filter = new LetterFilter(Name);
        var refusal = (await Desk().ConfirmAsync(Ask(LetterActionKind.Replay, filter, 3), CancellationToken.None)).Refusal!;
        Assert.That((refusal.Type, refusal.Count), Is.EqualTo(("repeat-not-allowed", (long?)3)));
        Assert.That(refusal.Detail, Does.Contain("would double"));
        var (action, _) = await Desk().ConfirmAsync(Ask(LetterActionKind.Replay, filter, 3, allowRepeat: true), CancellationToken.None);
        await WorkAsync();
        Assert.That(Sent, Is.EqualTo(new[] { "TrackEvent 0,1,2" }));
        Assert.That(await ResultsAsync(action!), Is.EqualTo(new[] { (LetterStatus.Delivered, "", 3L) }));
    }

    [Test]
    public async Task Should_wait_for_a_word_of_others_where_approvals_say_so()
    {
        Asked[ApprovalKind.Letters] = new ApprovalConfiguration(null, null, null, null);
        var (action, approval) = await AskAsync();
        await WorkAsync();
        Assert.That(Sent, Is.Empty);
        Assert.That((await ActionAsync(action)).State, Is.EqualTo(LetterActionState.Waiting));
        await WriteAsync(db => Approvals.ReleaseAsync(db, null!, approval, CancellationToken.None));
        await WorkAsync();
        Assert.That(Sent, Is.EqualTo(new[] { "TrackEvent 0,1,2" }));
        Assert.That((await ActionAsync(action)).State, Is.EqualTo(LetterActionState.Done));
    }

    [Test]
    public async Task Should_never_take_its_letters_once_it_was_refused_or_stopped()
    {
        Asked[ApprovalKind.Letters] = new ApprovalConfiguration(null, null, null, null);
        var (action, approval) = await AskAsync();
        await WriteAsync(db => Approvals.RefuseAsync(db, null!, approval, CancellationToken.None));
        await WorkAsync();
        var (another, waiting) = await AskAsync();
        await Desk().StopAsync(another.ActionId, "person:anna", "api", null, CancellationToken.None);
        await WorkAsync();
        Assert.That(((await ActionAsync(action)).State, (await ActionAsync(another)).State), Is.EqualTo((LetterActionState.Stopped, LetterActionState.Stopped)));
        Assert.That((await ReadAsync(db => ApprovalDesk.FindAsync(db, waiting.ApprovalId, CancellationToken.None)))!.State, Is.EqualTo(ApprovalState.Withdrawn));
        Assert.That(Sent, Is.Empty);
        Assert.That(await StatusesAsync(), Is.All.EqualTo(LetterStatus.Open));
    }

    [Test]
    public async Task Should_not_take_other_letters_than_were_agreed_to()
    {
        Asked[ApprovalKind.Letters] = new ApprovalConfiguration(null, null, null, null);
        var (action, approval) = await AskAsync();
        await ConfirmAsyncAfterWork(LetterActionKind.SettleDelivered, 1, new LetterFilter(Name, LetterIds: [(await LettersAsync())[0].DeadLetterId]));
        await Assert.ThrowsAsync<PlanChangedException>(() => WriteAsync(db => Approvals.ReleaseAsync(db, null!, approval, CancellationToken.None)));
        await WorkAsync();
        Assert.That(Sent, Is.Empty);
        Assert.That((await ActionAsync(action)).State, Is.EqualTo(LetterActionState.Waiting));
    }

    [Test]
    public async Task Should_be_settled_by_a_word_and_replayed_where_the_vendor_does_not_have_it()
    {
        var letters = await LettersAsync();
        await ConfirmAsync(LetterActionKind.SettleDelivered, 1, new LetterFilter(Name, LetterIds: [letters[0].DeadLetterId]));
        await ConfirmAsyncAfterWork(LetterActionKind.SettleNotDelivered, 2, new LetterFilter(Name, "track_event", ReasonCode.Ambiguous));
        Assert.That((await LettersAsync()).Select(letter => (letter.Status, letter.Code)), Is.EquivalentTo(new[]
        {
            (LetterStatus.Delivered, ReasonCode.Ambiguous), (LetterStatus.Open, "not_delivered"), (LetterStatus.Open, "not_delivered"),
        }));
        await ConfirmAsyncAfterWork(LetterActionKind.Replay, 2, new LetterFilter(Name));
        Assert.That(Vendor.Delivered.Sum(batch => batch.Items.Count), Is.EqualTo(2));
        Assert.That(await StatusesAsync(), Is.All.EqualTo(LetterStatus.Delivered));
        await AssertCountedAsync();
    }

    [Test]
    public async Task Should_not_be_sent_when_the_destination_was_told_since()
    {
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync(
                "UPDATE event_receipts SET outcome = 'delivered' WHERE destination = @destination", CancellationToken.None, ("destination", Name));
        });
        var (action, _) = await Desk().ConfirmAsync(Ask(LetterActionKind.Replay, new LetterFilter(Name), 3, allowRepeat: true), CancellationToken.None);
        await WorkAsync();
        Assert.That(Sent, Is.Empty);
        Assert.That(await ResultsAsync(action!), Is.EqualTo(new[] { (LetterStatus.Superseded, "overtaken", 3L) }));
    }

    [Test]
    public async Task Should_be_in_doubt_again_when_the_hub_ends_in_the_call_and_never_sent_twice_for_one_word()
    {
        var (action, _) = await Desk().ConfirmAsync(Ask(LetterActionKind.Replay, new LetterFilter(Name), 3, allowRepeat: true), CancellationToken.None);
        Vendor.Deliver = async batch =>
        {
            await LeaseAsync("another", 0, Name, Lane.Replay); // the turn's settlement is lost, as when its hub died
            return Told(batch, Outcome.Delivered);
        };
        await Worker().StepAsync(CancellationToken.None);
        await DrainAsync(Lane.Replay);
        Heal();
        await ExpireLeaseAsync(Name, Lane.Replay);
        await WorkAsync();
        Assert.That(Sent, Is.EqualTo(new[] { "TrackEvent 0,1,2" }), "one call, whose answer nobody has");
        Assert.That(await ResultsAsync(action!), Is.EqualTo(new[] { (LetterStatus.CameBack, ReasonCode.Ambiguous, 3L) }));
    }

    [Test]
    public async Task Should_send_the_corrected_event()
    {
        var letter = (await LettersAsync())[0].DeadLetterId;
        Assert.That((await Fix().FixAsync(letter, new Dictionary<string, JsonElement> { ["payload.properties.price"] = JsonElement.Parse("3") }, "person:anna", null, null, "api", CancellationToken.None)).Refusal, Is.Null);
        await Desk().ConfirmAsync(Ask(LetterActionKind.Replay, new LetterFilter(Name, LetterIds: [letter]), 1, allowRepeat: true), CancellationToken.None);
        await WorkAsync();
        Assert.That(Vendor.Delivered.Single().Items.Single().Event!.Properties.Select(field => (field.Name, field.Value.Number)), Is.EqualTo(new[] { ("Price", 3m) }));
    }

    private async Task<(LetterAction Action, Approval Approval)> AskAsync()
    {
        var (action, refusal) = await Desk().ConfirmAsync(Ask(LetterActionKind.Replay, new LetterFilter(Name), 3, allowRepeat: true), CancellationToken.None);
        Assert.That(refusal, Is.Null);
        var approval = await ReadAsync(db => ApprovalDesk.FindWaitingAsync(db, ApprovalKind.Letters, $"letter-action:{action!.ActionId}", CancellationToken.None));
        Assert.That(approval?.Request.Summary, Does.Contain("3 of them may have arrived"));
        return (action!, approval!);
    }

    private async Task ConfirmAsyncAfterWork(string kind, long expected, LetterFilter filter)
    {
        await WorkAsync();
        await ConfirmAsync(kind, expected, filter);
        await WorkAsync();
    }

    private static LedgerFact Event(string person)
    {
        var happened = new BehaviorTracked { EventId = NewId.NextGuid(), OccurredAt = Noon, Producer = "shop", Subject = new Subject { ExternalId = person }, Payload = new TrackedBehavior { Name = Viewed } };
        return new LedgerFact
        {
            EventId = happened.EventId, EventType = happened.EventType, OccurredAt = Noon, Producer = "shop", ExternalId = person, EventName = Viewed, BodyJson = JsonSerializer.Serialize(happened),
        };
    }
}
