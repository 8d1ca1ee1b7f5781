using System.Text.Json;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Runs;
using IntegrationHub.TestServers;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Fault = IntegrationHub.Connectors.Sandbox.Fault;

namespace EndToEnd.Tests;

/// <summary>Events go from the bus to every vendor that knows the person.</summary>
[TestFixture]
public sealed class When_people_do_things
{
    private static readonly DateTimeOffset Start = TimeProvider.System.GetUtcNow();

    [Test]
    public async Task Should_be_told_to_every_vendor_that_knows_them_exactly_once_and_at_once()
    {
        var world = new World(300);
        await using var hub = await EmbeddedHub.StartAsync(null, "--Hub:Delivery:SweepInterval=00:10:00"); // nothing but the doorbell brings them out in time
        await hub.SyncAsync((await hub.LoadAsync(world.Csv())).SnapshotId);
        await DenyAsync(hub, World.ExternalId(3));
        using var sandbox = hub.SandboxClient();
        List<BehaviorTracked> views =
        [
            .. from turn in Enumerable.Range(0, 3)
               from person in Enumerable.Range(0, world.Size).Select(World.ExternalId).Append("stranger")
               select Happenings.View(person, Start.AddSeconds(turn)),
        ];

        await PublishAsync(hub, views);
        await PublishAsync(hub, views.Take(200));

        foreach (var vendor in World.Destinations)
        {
            var people = world.ExpectedAt(vendor, withDenied: true);
            people.Remove(World.ExternalId(3));
            var stated = views.Where(view => people.Contains(view.Subject.ExternalId!)).Select(view => view.EventId).ToHashSet();
            await Poll.Until(async () => (await Happenings.AtAsync(sandbox, vendor)).Keys.ToHashSet().SetEquals(stated), $"{vendor} to keep exactly the events of those whom it knows");
            await Poll.Until(async () => await PendingAsync(hub) == 0, "nothing to be owed any more");
            Happenings.ShouldBeAccountedFor(vendor, stated, await Happenings.AtAsync(sandbox, vendor), await LettersAsync(hub, vendor));
        }
    }

    [Test]
    public async Task Should_be_seen_at_once_where_it_is_live_and_by_runs_alone_elsewhere()
    {
        var (changed, joined, left, denied) = (World.ExternalId(1), World.ExternalId(900), World.ExternalId(2), World.ExternalId(3));
        var world = new World(10);
        await using var hub = await EmbeddedHub.StartAsync(null, "--Hub:Delivery:SweepInterval=00:10:00", "--Hub:Destinations:braze:Live=on"); // nothing but the doorbell brings them out in time
        await hub.SyncAsync((await hub.LoadAsync(world.Csv())).SnapshotId);
        using var sandbox = hub.SandboxClient();
        var members = await VendorState.MembersAsync(sandbox, "braze");
        await DenyAsync(hub, denied);

        var bus = hub.Services.GetRequiredService<IBus>();
        await bus.PublishBatch<ProfileUpdated>([Named(denied), Named(changed), Named(joined)]);
        await bus.PublishBatch<AudienceMembershipChanged>([Membership(joined, true), Membership(left, false)]);

        await VendorState.ShouldHoldAsync(sandbox, "braze", [.. members.Except([left, denied]), joined]);
        await Poll.Until(async () => await NameAtAsync(sandbox, "braze", changed) == "Renamed", "the change to be there");
        await Poll.Until(async () => await PendingAsync(hub) == 0, "nothing to be owed any more");
        Assert.Multiple(async () =>
        {
            Assert.That(await NameAtAsync(sandbox, "braze", joined), Is.EqualTo("Renamed"));
            Assert.That(await NameAtAsync(sandbox, "braze", denied), Is.EqualTo("First"), "who denies is not sent");
            Assert.That(await NameAtAsync(sandbox, "hubspot", changed), Is.EqualTo("First"), "off as the file says nothing");
            Assert.That(await VendorState.MembersAsync(sandbox, "hubspot"), Does.Contain(left).And.Not.Contain(joined));
        });
        var counts = await hub.Services.GetRequiredService<OutboxTransaction>().ReadAsync(db => LiveCounts.ReadAsync(db, "braze", Start.AddMinutes(-2), CancellationToken.None));
        Assert.That(counts.Where(count => count.Outcome == LedgerOutcome.Suppressed).Sum(count => count.Count), Is.EqualTo(1));
        Assert.That(counts.Where(count => count.Outcome == LedgerOutcome.Delivered).Sum(count => count.Count), Is.EqualTo(3));
    }

    private static ProfileUpdated Named(string person) => new()
    {
        EventId = NewId.NextGuid(), OccurredAt = TimeProvider.System.GetUtcNow(), Producer = "crm", Subject = new Subject { ExternalId = person },
        Payload = new ProfileAttributes { Attributes = new Dictionary<string, JsonElement> { ["first_name"] = JsonSerializer.SerializeToElement("RENAMED") } },
    };

    private static AudienceMembershipChanged Membership(string person, bool isMember) => new()
    {
        EventId = NewId.NextGuid(), OccurredAt = TimeProvider.System.GetUtcNow(), Producer = "crm", Subject = new Subject { ExternalId = person },
        Payload = new MembershipChange { Audience = "customers", IsMember = isMember },
    };

    private static async Task<string?> NameAtAsync(HttpClient sandbox, string vendor, string person) =>
        (await VendorState.FieldsAsync(sandbox, vendor, person)).EnumerateObject().FirstOrDefault(field => field.Name is "first_name" or "firstname").Value is { ValueKind: JsonValueKind.String } name ? name.GetString() : null;

    [Test]
    [Category("Slow")]
    public async Task Should_be_kept_once_or_explained_by_a_dead_letter_whatever_goes_wrong()
    {
        var world = new World(1_200);
        await using var hub = await EmbeddedHub.StartAsync(null, "--Hub:Delivery:MaxAttempts=20", "--Hub:Delivery:ClaimSize=100");
        await hub.SyncAsync((await hub.LoadAsync(world.Csv())).SnapshotId);
        using var sandbox = hub.SandboxClient();
        List<BehaviorTracked> views =
        [
            .. from turn in Enumerable.Range(0, 4)
               from person in Enumerable.Range(0, world.Size).Select(World.ExternalId)
               select Happenings.View(person, Start.AddSeconds(turn)),
        ];
        foreach (var vendor in World.Destinations)
        {
            foreach (var fault in Storm.Faults())
            {
                hub.Sandbox[vendor].Faults.Add(fault);
            }
        }

        await PublishAsync(hub, views);
        await Poll.Until(async () => await IntakenAsync(hub, views), "the events to be in the ledger");
        await Poll.Until(async () => await PendingAsync(hub) == 0, "nothing to be owed any more");

        foreach (var vendor in World.Destinations)
        {
            var people = world.ExpectedAt(vendor, withDenied: true);
            var stated = views.Where(view => people.Contains(view.Subject.ExternalId!)).Select(view => view.EventId).ToHashSet();
            var letters = await LettersAsync(hub, vendor);
            await Happenings.SettleAsync(sandbox, vendor);
            Happenings.ShouldBeAccountedFor(vendor, stated, await Happenings.AtAsync(sandbox, vendor), letters);
            Assert.That(letters.ContainsValue("ambiguous"), Is.EqualTo(vendor != "hubspot"), $"{vendor}: answers are lost, and only HubSpot recognises a repeat");
        }
    }

    private static Task PublishAsync(EmbeddedHub hub, IEnumerable<BehaviorTracked> views) => hub.Services.GetRequiredService<IBus>().PublishBatch(views);

    private static Task DenyAsync(EmbeddedHub hub, string person) => hub.Services.GetRequiredService<OutboxTransaction>().RunAsync(
        (db, _) => hub.Services.GetRequiredService<ILedger>().AppendAsync(
            db,
            [
                new LedgerFact
                {
                    EventId = NewId.NextGuid(), EventType = ConsentUpdated.Type, OccurredAt = Start, Producer = "preference-centre", ExternalId = person, BodyJson = "{}",
                    Consents = [new FactConsent("email_marketing", "denied", "test", Start)],
                },
            ],
            CancellationToken.None),
        CancellationToken.None);

    private static async Task<long> PendingAsync(EmbeddedHub hub) =>
        (await hub.Services.GetRequiredService<OutboxTransaction>().ReadAsync(db => hub.Services.GetRequiredService<IBacklogStore>().ReadAsync(db, CancellationToken.None))).Sum(row => row.Pending);

    /// <summary>Intake swallows what it knows, so that it can be asked by stating it again.</summary>
    private static async Task<bool> IntakenAsync(EmbeddedHub hub, List<BehaviorTracked> views) => (await hub.Services.GetRequiredService<OutboxTransaction>().RunAsync<IntakeResult>(
        async (db, _) => (await hub.Services.GetRequiredService<ILedger>().AppendAsync(db, [.. views.Select(Happenings.Stored)], CancellationToken.None), false), CancellationToken.None)).Accepted == 0;

    private static async Task<Dictionary<Guid, string>> LettersAsync(EmbeddedHub hub, string vendor) =>
        (await hub.Services.GetRequiredService<OutboxTransaction>().ReadAsync(db =>
            hub.Services.GetRequiredService<IRunStore>().ListDeadLettersAsync(db, vendor, null, null, new PageAsk(null, 100_000), CancellationToken.None))).Items
        .Where(letter => letter.EventId is not null).ToDictionary(letter => letter.EventId!.Value, letter => letter.Code);
}
