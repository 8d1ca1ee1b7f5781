using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Canaries;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.Storage.Canaries;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Paging;
using IntegrationHub.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Canaries;

/// <summary>One whole hub with the vendors' sandboxes, and canaries who travel there over the bus, the ledger and the live lane: anna as she may, ben and cleo, who denied, not at all.</summary>
public sealed class When_a_canary_travels
{
    private const string Canaries =
        """
        canaries:
          anna: { external_id: canary-anna, email: anna@birds-of-ours.com, audience: birds, stamp: last_name, attributes: { first_name: Anna, secret: blood type zero }, consents: { email_marketing: granted }, event: { name: product_viewed, properties: { product_id: seeds } } }
          ben: { external_id: canary-ben, email: ben@birds-of-ours.com, audience: birds, stamp: last_name, attributes: { first_name: Ben }, consents: { email_marketing: denied } }
          cleo: { external_id: canary-cleo, email: cleo@birds-of-ours.com, audience: birds, stamp: last_name, consents: { email_marketing: denied } }
        """;

    private static readonly string[] _destinations = ["braze", "hubspot", "marketo"];

    private static readonly string[] _tellingOfEvents = ["braze", "marketo"];

    private WholeHub _hub = null!;
    private CanaryJson _shown = null!;

    [OneTimeSetUp]
    public async Task Start_a_hub_and_let_her_travel()
    {
        _hub = await StartAsync();
        var set = await RunAsync("anna");
        await RunAsync("ben"); // so that no bell lets them set off meanwhile
        await RunAsync("cleo");
        Assert.That(set.Trips.Select(trip => (trip.Destination, trip.State)), Is.EqualTo(_destinations.Select(destination => (destination, CanaryState.Travelling))));
        await ShownAsync();
        await RunAsync("anna"); // now that she is known she does something
        _shown = await ShownAsync();
    }

    private Task<CanaryJson> ShownAsync() => Poll.For(
        async () => LastTrip(JsonSerializer.Deserialize<CanaryJson>(await _hub.Http.GetStringAsync("/v1/canaries/anna"))!), canary => canary.Trips.All(trip => trip.State == CanaryState.Fine),
        "the canary to be shown at all destinations, by the hub's own looks");

    /// <summary>A bell may have let her set off just before: of such a trip, which was overtaken, nothing is awaited.</summary>
    private static CanaryJson LastTrip(CanaryJson canary) => canary with { Trips = [.. canary.Trips.Take(_destinations.Length)] };

    private static Task<WholeHub> StartAsync() => WholeHub.StartAsync(StorageDatabase.Sqlite, async config =>
    {
        foreach (var destination in _destinations)
        {
            await File.AppendAllTextAsync(Path.Combine(config, "destinations", $"{destination}.yaml"), "\nlive: on\n");
        }

        var consent = Path.Combine(config, "consent.yaml");
        await File.WriteAllTextAsync(consent, (await File.ReadAllTextAsync(consent)).Replace("  \"*\": { may: [deny] }", "  hub.canary: { may: [grant, deny], producers: [hub.canary] }\n  \"*\": { may: [deny] }", StringComparison.Ordinal));
        var audience = await File.ReadAllTextAsync(Path.Combine(config, "audiences", "customers.yaml"));
        await File.WriteAllTextAsync(Path.Combine(config, "audiences", "birds.yaml"), audience.Replace("display_name: Customers", "display_name: Birds", StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path.Combine(config, "canaries.yaml"), Canaries);
        return [];
    });

    [OneTimeTearDown]
    public async Task Stop() => await _hub.DisposeAsync();

    [Test]
    public async Task Should_be_shown_at_every_destination_as_policy_allows()
    {
        Assert.That(_shown.Trips.Select(trip => trip.Destination), Is.EquivalentTo(_destinations));
        Assert.That(_shown.Trips.Select(trip => trip.Seconds), Has.All.GreaterThan(0));
        Assert.That(_shown.NotShown.Keys, Is.EquivalentTo(_destinations));
        Assert.That(_shown.NotShown.Values, Has.All.Not.Empty);
        Assert.That(_shown.Key, Does.Not.Contain("anna"), "masked");
        var listed = JsonSerializer.Deserialize<PageJson<CanaryJson>>(await _hub.Http.GetStringAsync("/v1/canaries"))!.Items;
        Assert.That(listed.Select(canary => canary.Name), Is.EqualTo(new[] { "anna", "ben", "cleo" }));
        Assert.That(listed[0].Trips, Has.Count.EqualTo(3));
    }

    [Test]
    [TestCaseSource(nameof(_destinations))]
    public async Task Should_see_what_nobody_stated_of_this_trip_as_a_stall(string destination)
    {
        var now = TimeProvider.System.GetUtcNow();
        var unstated = new CanaryTrip("anna", destination, now.AddMinutes(-20), "Trip that was never stated", now.AddMinutes(-5));
        var looked = await LookAsync("anna", unstated);
        Assert.That(looked.State, Is.EqualTo(CanaryState.Missing));
        Assert.That(looked.Findings.Select(finding => finding.Kind), Is.EqualTo(new[] { CanaryFinding.Different }), "the stamp alone is another");
        Assert.That((await LookAsync("anna", unstated with { GoalAt = now.AddMinutes(5) })).State, Is.EqualTo(CanaryState.Travelling));
    }

    [Test]
    public async Task Should_look_for_what_she_did([ValueSource(nameof(_tellingOfEvents))] string destination)
    {
        var trip = await LastAsync("anna", destination);
        Assert.That((await LookAsync("anna", trip)).Findings, Is.Empty, "it is there");
        var otherwise = new CanaryTrip("anna", destination, trip.StatedAt.AddSeconds(-90), trip.Stamp, trip.GoalAt);
        Assert.That((await LookAsync("anna", otherwise)).Findings, Is.Empty, "on a trip on which she was not known yet nothing is looked for");

        // Her sister is known since a trip before, and of her nobody told the vendor.
        var sister = CanaryOf("anna") with { Name = "sister" };
        var before = trip with { Canary = sister.Name, StatedAt = trip.StatedAt.AddMinutes(-9), NextLookAt = trip.StatedAt.AddDays(1) };
        await _hub.Services.GetRequiredService<OutboxTransaction>().RunAsync(
            async (db, _) =>
            {
                await CanaryTrips.AddAsync(db, [before], CancellationToken.None);
                return await CanaryTrips.NoteAsync(db, before with { ShownAt = trip.StatedAt.AddMinutes(-8), State = CanaryState.Fine, NextLookAt = null }, CancellationToken.None);
            },
            CancellationToken.None);
        var looked = await _hub.Services.GetRequiredService<CanaryLook>().LookAsync(DestinationOf(destination), sister, trip with { Canary = sister.Name, StatedAt = trip.StatedAt.AddMilliseconds(1) }, CancellationToken.None);
        Assert.That(looked.Findings.Select(finding => finding.Kind), Is.EqualTo(new[] { CanaryFinding.EventNotThere }));
    }

    [Test]
    [TestCase("braze", "hobby")]
    [TestCase("hubspot", "company")]
    [TestCase("marketo", "website")]
    public async Task Should_see_what_must_not_leave_as_a_leak(string destination, string field)
    {
        var trip = await LastAsync("anna", destination);
        await WriteAsync(destination, "anna", Operation.UpsertProfile, new Field(field, FieldValue.Of("Blood type zero!")));
        var looked = await Poll.For(() => LookAsync("anna", trip), one => one.Findings.Count > 0, "the vendor to show what was written");
        Assert.That((looked.State, looked.Findings.Single()), Is.EqualTo((CanaryState.Leaked, new CanaryFinding(CanaryFinding.NotAllowed, field))));
        await WriteAsync(destination, "anna", Operation.UpsertProfile, new Field(field, FieldValue.Null));
        await Poll.For(() => LookAsync("anna", trip), one => one.State == CanaryState.Fine, "the vendor to show that it is gone");
    }

    [Test]
    [TestCaseSource(nameof(_destinations))]
    public async Task Should_see_whoever_denied_as_a_leak_as_soon_as_she_is_there(string destination)
    {
        var now = TimeProvider.System.GetUtcNow();
        var trip = new CanaryTrip("ben", destination, now.AddMinutes(-20), "Trip 1", now.AddMinutes(-5));
        Assert.That((await LookAsync("ben", trip)).State, Is.EqualTo(CanaryState.Fine), "nobody is there");
        await WriteAsync(destination, "ben", Operation.AddMember, new Field("email", FieldValue.Of("ben@birds-of-ours.com")));
        var looked = await Poll.For(() => LookAsync("ben", trip), one => one.Findings.Count > 1, "the vendor to show the member");
        Assert.That((looked.State, string.Join(", ", looked.Findings.Select(finding => $"{finding.Kind} {finding.What}"))), Is.EqualTo((CanaryState.Leaked, "must_not_be_there person, must_not_be_a_member birds")));
    }

    [Test]
    public async Task Should_be_told_once_and_be_over_with_a_trip_that_goes_well()
    {
        var transactions = _hub.Services.GetRequiredService<OutboxTransaction>();
        var now = TimeProvider.System.GetUtcNow();
        var trip = new CanaryTrip("cleo", "braze", now.AddMinutes(-20), "Trip 1", now.AddMinutes(-5)) { NextLookAt = now.AddHours(1) };
        await transactions.RunAsync((db, _) => CanaryTrips.AddAsync(db, [trip], CancellationToken.None), CancellationToken.None);
        await WriteAsync("braze", "cleo", Operation.UpsertProfile, new Field("first_name", FieldValue.Of("Cleo")));
        var leaked = await Poll.For(() => LookAsync("cleo", trip), one => one.State == CanaryState.Leaked, "the vendor to show her");
        await transactions.RunAsync((db, _) => CanaryTrips.NoteAsync(db, leaked, CancellationToken.None), CancellationToken.None);
        Assert.That(await DiagnosesAsync("cleo"), Is.EqualTo(new[] { ("canary_leak", "cleo", "braze", "canaries") }));

        var watch = _hub.Services.GetRequiredService<AlertWatch>();
        await watch.LookAsync(CancellationToken.None);
        await watch.LookAsync(CancellationToken.None);
        var alert = (await transactions.ReadAsync(db => AlertBook.ListAsync(db, true, new PageAsk(), now, CancellationToken.None))).Items.Single(alert => alert.What.Cause == "destination:braze:canary_leak:cleo");
        Assert.That(alert.What.Severity, Is.EqualTo(AlertSeverity.Critical), "one alert, however often somebody looks");

        var next = trip with { StatedAt = now, GoalAt = now };
        await transactions.RunAsync((db, _) => CanaryTrips.AddAsync(db, [next], CancellationToken.None), CancellationToken.None);
        Assert.That(await DiagnosesAsync("cleo"), Has.Length.EqualTo(1), "the next one is on its way, and nobody knows better yet");
        await transactions.RunAsync((db, _) => CanaryTrips.NoteAsync(db, next with { State = CanaryState.Fine, NextLookAt = null }, CancellationToken.None), CancellationToken.None);
        Assert.That(await DiagnosesAsync("cleo"), Is.Empty);
    }

    [Test]
    public async Task Should_be_nobodys_to_erase_and_known_by_name_alone()
    {
        using var erased = await _hub.Http.PostAsJsonAsync("/v1/erasures", new { key = "email:Anna@birds-of-ours.com", law = "gdpr", reason = "test" });
        Assert.That(erased.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(await erased.Content.ReadAsStringAsync(), Does.Contain("canary-person").And.Contain("canaries.yaml").And.Not.Contain("birds-of-ours"));
        using var unknown = await _hub.Http.PostAsync("/v1/canaries/nobody/run", null);
        Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await unknown.Content.ReadAsStringAsync(), Does.Contain("anna, ben, cleo"));
        Assert.That(await _hub.Http.GetStringAsync("/v1/audit"), Does.Contain("canary.run").And.Contain("canary:anna"));
        Assert.That(JsonSerializer.Deserialize<JsonElement>(await _hub.Http.GetStringAsync("/v1/schedules/hub.canaries")).GetProperty("own").GetBoolean(), Is.True);
    }

    private async Task<CanaryJson> RunAsync(string canary)
    {
        using var answer = await _hub.Http.PostAsJsonAsync($"/v1/canaries/{canary}/run", new { reason = "test" });
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<CanaryJson>())!;
    }

    private Task<CanaryTrip> LookAsync(string canary, CanaryTrip trip) =>
        _hub.Services.GetRequiredService<CanaryLook>().LookAsync(DestinationOf(trip.Destination), CanaryOf(canary), trip, CancellationToken.None);

    private CanaryConfiguration CanaryOf(string name) => _hub.Services.GetRequiredService<HubConfiguration>().Canaries[name];

    private async Task<CanaryTrip> LastAsync(string canary, string destination) =>
        (await _hub.Services.GetRequiredService<OutboxTransaction>().ReadAsync(db => CanaryTrips.LatestAsync(db, CancellationToken.None))).Single(trip => trip.Canary == canary && trip.Destination == destination);

    private Destination DestinationOf(string name) => _hub.Services.GetRequiredService<DestinationDirectory>().Find(name)!;

    /// <summary>Writes past the hub, as a mistake would.</summary>
    private async Task WriteAsync(string name, string canary, Operation operation, Field field)
    {
        var destination = DestinationOf(name);
        var target = operation == Operation.AddMember ? (await _hub.Services.GetRequiredService<AudienceTargets>().FindAsync(destination, "birds", Lane.Live, CancellationToken.None)).Target : null;
        var receipt = await destination.ConnectorFor(Lane.Live).DeliverAsync(
            new Batch { Operation = operation, Audience = target, Items = [new BatchItem { RecordId = 1, Key = CanaryOf(canary).ExternalId, Fields = [field] }] }, CancellationToken.None);
        Assert.That(receipt.Outcomes.Single().Outcome, Is.EqualTo(Outcome.Delivered).Or.EqualTo(Outcome.Unchanged), $"{receipt.Outcomes.Single().Code} {receipt.Condition}");
    }

    private async Task<(string?, string?, string?, string?)[]> DiagnosesAsync(string canary) =>
    [
        .. JsonSerializer.Deserialize<JsonElement>(await _hub.Http.GetStringAsync("/v1/diagnoses")).GetProperty("items").EnumerateArray().Where(one => one.GetProperty("kind").GetString() == "canary" && one.GetProperty("subject").GetString() == canary)
            .Select(one => (one.GetProperty("code").GetString(), one.GetProperty("subject").GetString(), one.GetProperty("destination").GetString(), one.GetProperty("runbook").GetString())),
    ];
}
