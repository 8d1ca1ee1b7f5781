using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Paging;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>What the hub knows of an event's fate when the vendor would apply a repeat, at every instant at which the hub may end.</summary>
public sealed class When_events_are_sent : DeliveryFixture
{
    private const string Viewed = "viewed";
    private string _name = null!;
    private AcmeConnector _connector = null!;
    private Destination _destination = null!;
    private Guid _run;

    [SetUp]
    public async Task Owe_two_events()
    {
        (_name, var audience) = (Unique("dest"), Unique("aud"));
        string[] people = [Unique("p"), Unique("p")];
        await WriteAsync(db => Ledger.RouteEventsAsync(db, [new EventRoute(_name, Viewed)], partitions: 1, CancellationToken.None));
        await ApplyAsync(audience, "full", 0, people);
        _run = await StartRunAsync(audience, destination: _name);
        await AppendAsync([.. people.Select(Event)]);
        Clock.Now = TimeProvider.System.GetUtcNow().AddHours(1);
        Use(Acme.DescriptorOfWhatDoubles);
    }

    [TearDown]
    public async Task Close() => await _destination.DisposeAsync();

    [Test]
    public async Task Should_be_marked_when_the_call_goes_out_and_gone_when_it_is_settled()
    {
        IReadOnlyList<ClaimedDelivery> meanwhile = [];
        _connector.Deliver = async batch =>
        {
            meanwhile = await ClaimAsync();
            return Told(batch, Outcome.Delivered);
        };
        await DrainAsync();
        Assert.That(meanwhile.Select(delivery => delivery.SendingSince), Is.EqualTo(new DateTimeOffset?[] { Clock.Now, Clock.Now }));
        Assert.That(await ClaimAsync(), Is.Empty);
    }

    [Test]
    public async Task Should_be_a_dead_letter_and_no_second_call_when_the_hub_ended_before_it_settled()
    {
        using var end = new CancellationTokenSource();
        _connector.Deliver = async batch =>
        {
            await end.CancelAsync();
            end.Token.ThrowIfCancellationRequested();
            return Told(batch, Outcome.Delivered);
        };
        await DrainAsync(cancellationToken: end.Token);
        await DrainAsync();

        Assert.That(_connector.Delivered, Has.Count.EqualTo(1));
        Assert.That(await LettersAsync(), Is.EqualTo(new[] { (LedgerOutcome.DeadLettered, ReasonCode.Ambiguous), (LedgerOutcome.DeadLettered, ReasonCode.Ambiguous) }));
    }

    [Test]
    public async Task Should_be_sent_again_when_the_hub_ended_and_a_repeat_is_harmless()
    {
        await Close();
        Use(Acme.Descriptor);
        using var end = new CancellationTokenSource();
        _connector.Deliver = async batch =>
        {
            await end.CancelAsync();
            end.Token.ThrowIfCancellationRequested();
            return Told(batch, Outcome.Delivered);
        };
        await DrainAsync(cancellationToken: end.Token);
        Assert.That((await ClaimAsync()).Select(delivery => delivery.SendingSince), Is.All.Null);
        _connector.Deliver = batch => Task.FromResult(Told(batch, Outcome.Delivered));

        await DrainAsync();

        Assert.That(_connector.Delivered.Select(batch => string.Join(' ', batch.Items.Select(item => item.Event!.Id))).Distinct().Count(), Is.EqualTo(1), "the same events with the same ids");
        Assert.That((_connector.Delivered.Count, (await LettersAsync()).Count), Is.EqualTo((2, 0)));
    }

    [TestCase(Outcome.NotSent)]
    [TestCase(Outcome.RetryLater)]
    public async Task Should_be_sent_again_when_the_vendor_surely_has_it_not(Outcome told)
    {
        _connector.Deliver = batch => Task.FromResult(Told(batch, told));
        await DrainAsync();
        Assert.That((await ClaimAsync()).Select(delivery => delivery.SendingSince), Is.EqualTo(new DateTimeOffset?[] { null, null }));
        _connector.Deliver = batch => Task.FromResult(Told(batch, Outcome.Delivered));
        await DrainAsync();
        Assert.That(((await ClaimAsync()).Count, (await LettersAsync()).Count), Is.EqualTo((0, 0)));
    }

    /// <summary>A first sync may take longer than all attempts of an event.</summary>
    [TestCase(Outcome.RetryLater)]
    [TestCase(Outcome.Rejected)]
    public async Task Should_wait_for_somebody_whom_a_run_may_make_known_without_an_attempt(Outcome told)
    {
        await SetStateAsync(_run, "Delivering");
        _connector.Deliver = batch => Task.FromResult(Told(batch, told, ReasonCode.NotFound));
        for (var look = 0; look <= Options.MaxAttempts; look++)
        {
            await DrainAsync();
            Assert.That(await ClaimAsync(), Is.Empty, "not at once");
            Clock.Now += Options.AwaitPersonOfEvent;
            Assert.That((await ClaimAsync()).Select(delivery => (delivery.Attempt, delivery.SendingSince)), Is.EqualTo(new[] { (0, (DateTimeOffset?)null), (0, null) }));
        }

        _connector.Deliver = batch => Task.FromResult(Told(batch, Outcome.Delivered));
        await DrainAsync();
        Assert.That(((await ClaimAsync()).Count, (await LettersAsync()).Count), Is.EqualTo((0, 0)));
    }

    [TestCase(Outcome.RetryLater, 1, 0)]
    [TestCase(Outcome.Rejected, 0, 2)]
    public async Task Should_go_its_way_when_nobody_is_about_to_come(Outcome told, int attempt, int letters)
    {
        await SetStateAsync(_run, "Completed");
        _connector.Deliver = batch => Task.FromResult(Told(batch, told, ReasonCode.NotFound));
        await DrainAsync();
        Clock.Now += Options.LongestRetryDelay;
        Assert.That((await ClaimAsync()).Select(delivery => delivery.Attempt), Is.EqualTo(Enumerable.Repeat(attempt, 2 - letters)));
        Assert.That(await LettersAsync(), Has.Count.EqualTo(letters));
    }

    [TestCase(Outcome.Ambiguous)]
    [TestCase(Outcome.Accepted)]
    public async Task Should_be_a_dead_letter_when_nobody_will_ever_tell(Outcome told)
    {
        _connector.Deliver = batch => Task.FromResult(Told(batch, told));
        await DrainAsync();
        await ShouldBeInDoubtAsync();
    }

    [Test]
    public async Task Should_be_a_dead_letter_when_the_connector_breaks()
    {
        _connector.Deliver = _ => throw new InvalidOperationException("broken");
        await DrainAsync();
        await ShouldBeInDoubtAsync();
    }

    [Test]
    public async Task Should_be_a_dead_letter_when_the_receipt_does_not_mention_it()
    {
        _connector.Deliver = _ => Task.FromResult(new Receipt { Outcomes = [] });
        await DrainAsync();
        await ShouldBeInDoubtAsync();
    }

    [TestCase(typeof(TimeoutException))]
    [TestCase(typeof(TaskCanceledException), Description = "of somebody else's")]
    public async Task Should_be_settled_by_what_the_vendor_told_though_the_database_stumbles(Type fault)
    {
        var stumbling = new Stumbling(Scopes, times: 2, fault);
        await DrainAsync(new OutboxTransaction(stumbling));
        Assert.That((stumbling.Left, (await ClaimAsync()).Count, (await LettersAsync()).Count), Is.EqualTo((-1, 0, 0)));
    }

    [TestCase(typeof(TimeoutException))]
    [TestCase(typeof(TaskCanceledException), Description = "of somebody else's")]
    public async Task Should_not_be_sent_when_it_cannot_be_written_down(Type fault)
    {
        var lease = await LeaseAsync();
        var preparation = await PrepareAsync(lease);
        var sender = Sender(Targets(), Health(), new SendingMarks(new OutboxTransaction(new Stumbling(Scopes, times: 1, fault)), Deliveries, Clock));
        Assert.That(await sender.SendAsync(_destination, lease, preparation.Batches, CancellationToken.None), Is.Empty);
        Assert.That(_connector.Delivered, Is.Empty);
        await DrainAsync();
        Assert.That((_connector.Delivered.Count, (await LettersAsync()).Count), Is.EqualTo((1, 0)));
    }

    [TestCase(typeof(TimeoutException))]
    [TestCase(typeof(TaskCanceledException), Description = "of somebody else's")]
    public async Task Should_not_be_forgotten_what_the_vendor_told_when_its_trouble_cannot_be_noted(Type fault)
    {
        var database = new Stumbling(Scopes, times: 0, fault);
        _connector.Deliver = batch =>
        {
            database.Left = 1;
            return Task.FromResult(Told(batch, Outcome.Delivered) with { Condition = new DestinationCondition(DestinationTrouble.Throttled, "busy") });
        };
        var lease = await LeaseAsync();
        var preparation = await PrepareAsync(lease);
        var sender = Sender(Targets(), Health(new OutboxTransaction(database)));
        Assert.That((await sender.SendAsync(_destination, lease, preparation.Batches, CancellationToken.None)).Select(settlement => settlement.Outcome), Is.EqualTo(new[] { LedgerOutcome.Delivered, LedgerOutcome.Delivered }));
    }

    [Test]
    public async Task Should_not_be_sent_by_whoever_lost_the_lease()
    {
        var lease = await LeaseAsync();
        var preparation = await PrepareAsync(lease);
        await LeaseAsync("two");
        Assert.That(await SendAsync(lease, preparation, CancellationToken.None), Is.Empty);
        Assert.That(_connector.Delivered, Is.Empty);
    }

    private static LedgerFact Event(string person)
    {
        var happened = new BehaviorTracked
        {
            EventId = NewId.NextGuid(),
            OccurredAt = Noon,
            Producer = "shop",
            Subject = new Subject { ExternalId = person },
            Payload = new TrackedBehavior { Name = Viewed },
        };
        return new LedgerFact
        {
            EventId = happened.EventId, EventType = happened.EventType, OccurredAt = Noon, Producer = "shop", ExternalId = person, EventName = Viewed, BodyJson = JsonSerializer.Serialize(happened),
        };
    }

    private static Receipt Told(Batch batch, Outcome outcome, string? code = null) => new() { Outcomes = [.. batch.Items.Select(item => AcmeConnector.Told(item, outcome) with { Code = code })] };

    private void Use(ConnectorDescriptor descriptor)
    {
        _connector = new AcmeConnector { Descriptor = descriptor };
        _destination = Acme.Destination(_connector, name: _name, events: new Dictionary<string, EventSection> { [Viewed] = new("V", null, new Dictionary<string, string>()) });
    }

    private Task<Lease> LeaseAsync(string owner = "one") => LeaseAsync(owner, 0, _name, Lane.Live);

    /// <summary>What the next claim would find.</summary>
    private async Task<IReadOnlyList<ClaimedDelivery>> ClaimAsync()
    {
        var lease = new Lease(_name, Lane.Live, 0, "reader", 0);
        return await ReadAsync(db => Deliveries.ClaimAsync(db, lease, Clock.Now, 100, CancellationToken.None));
    }

    private async Task<ClaimPreparation> PrepareAsync(Lease lease) =>
        ClaimPreparation.For(_destination, await ReadAsync(db => Deliveries.ClaimAsync(db, lease, Clock.Now, 100, CancellationToken.None)));

    private Task<IReadOnlyList<Settlement>> SendAsync(Lease lease, ClaimPreparation preparation, CancellationToken cancellationToken) =>
        Sender(Targets(), Health()).SendAsync(_destination, lease, preparation.Batches, cancellationToken);

    /// <summary>A turn as the hub takes it.</summary>
    private async Task DrainAsync(OutboxTransaction? settling = null, CancellationToken cancellationToken = default)
    {
        var lease = await LeaseAsync();
        var preparation = await PrepareAsync(lease);
        var sent = await SendAsync(lease, preparation, cancellationToken);
        await new ClaimSettler(settling ?? Transactions, Deliveries, Telemetry, Clock, NullLogger<ClaimSettler>.Instance).SettleAsync(lease, [.. preparation.Settled, .. sent], null, CancellationToken.None);
    }

    private async Task<IReadOnlyList<(string Outcome, string Code)>> LettersAsync() =>
        [.. (await ReadAsync(db => Runs.ListDeadLettersAsync(db, _name, null, null, new PageAsk(), CancellationToken.None))).Items.Select(letter => (letter.Outcome, letter.Code))];

    private async Task ShouldBeInDoubtAsync()
    {
        Assert.That(await LettersAsync(), Is.EqualTo(new[] { (LedgerOutcome.DeadLettered, ReasonCode.Ambiguous), (LedgerOutcome.DeadLettered, ReasonCode.Ambiguous) }));
        Assert.That(await ClaimAsync(), Is.Empty);
    }

    /// <summary>A database that is away for the first calls.</summary>
    private sealed class Stumbling(IServiceScopeFactory inner, int times, Type fault) : IServiceScopeFactory
    {
        public int Left { get; set; } = times;

        public IServiceScope CreateScope() => Left-- > 0 ? throw (Exception)Activator.CreateInstance(fault)! : inner.CreateScope();
    }
}
