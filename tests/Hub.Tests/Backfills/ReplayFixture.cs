using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Backfills;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Planning;
using IntegrationHub.Hub.Retention;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Sagas.BackfillRun;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Hub.Tests.Backfills;

/// <summary>A log with events of two people whom the vendor knows and of a stranger, none of them told, and replays that are planned and delivered here.</summary>
public abstract class ReplayFixture(StorageDatabase database) : DrainFixture(database)
{
    private protected const string Viewed = "viewed";
    private protected const string Bought = "bought";
    private protected static readonly DateTimeOffset LastYear = Noon.AddMonths(-3);
    private protected string Shop { get; private set; } = null!;

    private protected string Till { get; private set; } = null!;

    /// <summary>Three people whom the vendor knows; two of them did something before it was told of events.</summary>
    [SetUp]
    public async Task Log_events_that_nobody_was_told_of()
    {
        (Shop, Till, Options.Partitions) = (Unique("shop"), Unique("till"), 1);
        await DrainAsync();
        Use(events: true);
        var stranger = Unique("stranger");
        await AppendAsync(Profile(stranger, "{}"), Event(People[0], Viewed, 1), Event(People[0], Viewed, 2), Event(People[1], Viewed, 3), Event(People[1], Bought, 4, Till), Event(stranger, Viewed, 5));
        await WriteAsync(db => Ledger.RouteEventsAsync(db, [new EventRoute(Name, Viewed), new EventRoute(Name, Bought)], partitions: 1, CancellationToken.None));
    }

    private protected IEnumerable<Behavior> Heard => Vendor.Delivered.SelectMany(batch => batch.Items).Select(item => item.Event!).Where(told => told is not null);

    private protected IEnumerable<string> Keys => Vendor.Delivered.SelectMany(batch => batch.Items).Where(item => item.Event is not null).Select(item => item.Key);

    private protected void Use(bool events, bool doubles = false)
    {
        Vendor = new AcmeConnector { Descriptor = (doubles ? Acme.DescriptorOfWhatDoubles : Acme.Descriptor) with { QuietEvents = new QuietEvents(null, "Because.") } };
        Destination = Acme.Destination(Vendor, name: Name, audience: Audience, events: events ? new Dictionary<string, EventSection>
        {
            [Viewed] = new("V", null, new Dictionary<string, string>()) { BackfillName = "V_PAST" },
            [Bought] = new("B", null, new Dictionary<string, string>()) { BackfillFlag = "is_backfill" },
        } : null);
    }

    private protected LedgerFact Event(string person, string name, int minute, string? producer = null)
    {
        producer ??= Shop;
        var happened = new BehaviorTracked
        {
            EventId = Guid.NewGuid(), OccurredAt = LastYear.AddMinutes(minute), Producer = producer, Subject = new Subject { ExternalId = person }, Payload = new TrackedBehavior { Name = name },
        };
        return new LedgerFact
        {
            EventId = happened.EventId, EventType = happened.EventType, OccurredAt = happened.OccurredAt, Producer = producer, ExternalId = person, EventName = name,
            CorrelationId = minute == 2 ? "import-7" : null, BodyJson = JsonSerializer.Serialize(happened),
        };
    }

    private protected async Task<Guid> PlanAsync(FactSelection selection, bool loud = false, string? audience = null, string[]? people = null)
    {
        var run = Guid.NewGuid();
        var until = await ReadAsync(db => FactLog.FindEndAsync(db, CancellationToken.None));
        var scope = new BackfillScope(BackfillKind.Redeliver, audience) { Facts = selection with { Until = until, Producers = selection.Producers ?? [Shop, Till] }, Loud = loud };
        await WriteAsync(async db =>
        {
            db.Add(new BackfillRunState { CorrelationId = run, CurrentState = RunState.Planning, Kind = scope.Kind, Destination = Name, RequestedBy = "test", RequestedAt = Clock.Now, LastProgressAt = Clock.Now });
            await BackfillBook.AddAsync(db, run, scope, people, null, null, CancellationToken.None);
        });
        var stored = (await ReadAsync(db => BackfillBook.FindPlanAsync(db, run, CancellationToken.None)))!.Scope;
        var planner = new ReplayPlanner(Transactions, Plans, new PlanSeal(Transactions), Microsoft.Extensions.Options.Options.Create(Options), Microsoft.Extensions.Options.Options.Create(new RetentionOptions()), Clock);
        var planned = await planner.PlanAsync(Destination, new PlanBackfill { RunId = run, Kind = scope.Kind, Destination = Name }, stored, Clock.Now, CancellationToken.None);
        var counts = await CountsAsync(run);
        Assert.That((planned!.Planned, planned.ToWrite), Is.EqualTo((counts.Planned, counts.Pending)));
        return run;
    }

    private protected async Task<long> ChosenAsync(FactSelection selection, string? audience = null, string[]? people = null)
    {
        var run = await PlanAsync(selection, audience: audience, people: people);
        var owed = (await CountsAsync(run)).Pending;
        await WriteAsync(db => Deliveries.CancelAsync(db, run, 100, Clock.Now, CancellationToken.None));
        return owed;
    }

    private protected async Task DeliverAsync(Guid run)
    {
        await SetStateAsync(run, RunState.Delivering);
        await DrainAsync(Lane.Backfill);
        Assert.That((await CountsAsync(run)).Pending, Is.Zero);
    }

    private protected new Task SetStateAsync(Guid run, string state) => WriteAsync(async db => (await db.Set<BackfillRunState>().SingleAsync(row => row.CorrelationId == run)).CurrentState = state);

    private protected async Task<BackfillPlan> PlanOfAsync(Guid run) => JsonSerializer.Deserialize<BackfillPlan>((await ReadAsync(db => BackfillBook.FindPlanAsync(db, run, CancellationToken.None)))!.PlanJson!)!;

    private protected async Task<(long Planned, long Pending, string Text)> CountsAsync(Guid run)
    {
        var view = (await ReadAsync(db => BackfillBook.FindAsync(db, run, CancellationToken.None)))!;
        Assert.That(view.Counts.Balances, Is.True, view.Counts.ToString());
        var tallies = await ReadAsync(db => BackfillBook.ReadTalliesAsync(db, run, CancellationToken.None));
        return (view.Counts.Planned, view.Counts.Pending, string.Join(", ", tallies.Where(tally => tally.Outcome != "planned" && tally.Count > 0).Select(tally => $"{tally.Outcome}{(tally.Code.Length == 0 ? "" : " " + tally.Code)} {tally.Count}")));
    }

    private protected Task JoinAsync(string person, string shownBy) => WriteAsync(db => db.Database.ExecuteSqlRawAsync(
        "UPDATE profiles SET person_id = (SELECT profile_id FROM profiles WHERE external_id = {1}) WHERE external_id = {0}", person, shownBy));
}
