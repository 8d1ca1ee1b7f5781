using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Observability;
using IntegrationHub.Hub.Tests.Docs;
using IntegrationHub.Storage;
using IntegrationHub.TestServers;
using MassTransit;
using MassTransit.Serialization;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;

namespace IntegrationHub.Hub.Tests.Intake.Facts;

/// <summary>A whole hub on a real broker and a real database: what producers publish is taken in or set aside, and nothing ends in an error queue.</summary>
public sealed class When_facts_come_over_the_broker
{
    private PostgresDatabase _postgres = null!;
    private RabbitMqVirtualHost _broker = null!;
    private HubApplication _hub = null!;
    private IConnection _connection = null!;
    private IChannel _channel = null!;
    private DirectoryInfo _folder = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _postgres = await MigratedDatabase.CreateAsync();
        _broker = await RabbitMqVirtualHost.CreateAsync();
        _folder = Directory.CreateTempSubdirectory("hub-facts-");
        _hub = await HubApplication.BuildAsync(
            [
                "--Hub:Bus=RabbitMq", $"--Hub:RabbitMq={_broker.Uri}", "--Hub:Database=Postgres", $"--Hub:ConnectionString={_postgres.ConnectionString}",
                "--Hub:Urls=http://127.0.0.1:0", $"--Hub:DataPath={_folder.FullName}", "--Hub:LogLevel=Error", "--Hub:Delivery:Quotas=false",
            ],
            null,
            CancellationToken.None);
        await _hub.StartAsync(CancellationToken.None);
        _connection = await new ConnectionFactory { Uri = _broker.Uri }.CreateConnectionAsync();
        _channel = await _connection.CreateChannelAsync();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
        await _hub.DisposeAsync();
        LogContext.Current = null;
        await _broker.DisposeAsync();
        await _postgres.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task Should_take_in_what_a_NET_producer_publishes()
    {
        var bus = _hub.Web.Services.GetRequiredService<IBus>();
        var subject = new Subject { ExternalId = "typed-1" };
        await bus.Publish(new ProfileUpdated { EventId = NewId.NextGuid(), OccurredAt = DateTimeOffset.UtcNow, Producer = "shop", Subject = subject, Payload = new ProfileAttributes { Attributes = Attributes() } });
        await bus.Publish(new ConsentUpdated { EventId = NewId.NextGuid(), OccurredAt = DateTimeOffset.UtcNow, Producer = "shop", Subject = subject, Payload = new ConsentDecision { Purpose = "email_marketing", Status = "denied", Source = "form" } });
        await bus.Publish(new AudienceMembershipChanged { EventId = NewId.NextGuid(), OccurredAt = DateTimeOffset.UtcNow, Producer = "shop", Subject = subject, Payload = new MembershipChange { Audience = "customers", IsMember = true } });
        await bus.Publish(new BehaviorTracked { EventId = NewId.NextGuid(), OccurredAt = DateTimeOffset.UtcNow, Producer = "shop", Subject = subject, Payload = new TrackedBehavior { Name = "product_viewed", Purchase = new PurchasedProduct { ProductId = "p", Currency = "EUR", Price = 9.99m } } });

        await CountsAsync("SELECT count(*) FROM facts WHERE producer = 'shop'", 4);
        await CountsAsync("SELECT count(*) FROM profiles WHERE external_id = 'typed-1' AND consent LIKE '%denied%'", 1);
    }

    [Test]
    public async Task Should_take_in_the_whole_canonical_set_typed_and_as_raw_JSON()
    {
        var bus = _hub.Web.Services.GetRequiredService<IBus>();
        foreach (var contract in ApprovedFact.Contracts)
        {
            await bus.Publish(System.Text.Json.JsonSerializer.Deserialize(ApprovedFact.Of(contract, "set-typed", "set-1"), contract, SystemTextJsonMessageSerializer.Options)!, contract);
            await PublishAsync(ApprovedFact.TypeOf(contract), ApprovedFact.Of(contract, "set-raw", "set-1").ToJsonString());
        }

        await CountsAsync("SELECT count(DISTINCT event_type) FROM facts WHERE producer = 'set-typed'", ApprovedFact.Contracts.Count());
        await CountsAsync("SELECT count(DISTINCT event_type) FROM facts WHERE producer = 'set-raw'", ApprovedFact.Contracts.Count());
        await CountsAsync("SELECT count(*) FROM quarantined_facts WHERE producer LIKE 'set-%'", 0);
    }

    [TestCase("profile_updated", true)]
    [TestCase("some.other.key", false)]
    public async Task Should_take_in_raw_JSON_in_any_dress(string routingKey, bool saysWhatItIs)
    {
        var producer = $"raw-{routingKey}";
        var properties = new BasicProperties { ContentType = saysWhatItIs ? "application/json" : "nonsense", MessageId = "always the same" };
        foreach (var person in new[] { "one", "two" })
        {
            await PublishAsync(routingKey, Profile($"{producer}-{person}", producer), properties);
        }

        await CountsAsync($"SELECT count(*) FROM facts WHERE producer = '{producer}'", 2);
    }

    [TestCase("node")]
    [TestCase("dotnet")]
    public async Task Should_take_in_once_what_a_sample_producer_publishes_twice(string language)
    {
        var producer = $"sample-{language}";
        var file = Path.Combine(_folder.FullName, $"{producer}.json");
        await File.WriteAllTextAsync(file, Profile(producer, producer));
        var program = await SampleProducer.PrepareAsync(language, _folder);

        Assert.That(await program.PublishAsync(_broker.Uri, file), Is.EqualTo("1 published"));
        Assert.That(await program.PublishAsync(_broker.Uri, file), Is.EqualTo("1 published"));
        await PublishAsync("profile_updated", Profile($"{producer}-after", $"{producer}-after"));

        await CountsAsync($"SELECT count(*) FROM facts WHERE producer = '{producer}-after'", 1);
        await CountsAsync($"SELECT count(*) FROM facts WHERE producer = '{producer}'", 1);
    }

    [TestCase("traceparent")]
    [TestCase("MT-Activity-Id")]
    [TestCase("cloudEvents_traceparent")]
    public async Task Should_link_to_the_trace_of_whoever_stated_a_fact_and_read_no_baggage(string header)
    {
        var trace = ActivityTraceId.CreateRandom();
        var seen = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener { ShouldListenTo = source => source.Name == HubTelemetry.Name, Sample = (ref _) => ActivitySamplingResult.AllData, ActivityStopped = seen.Enqueue };
        ActivitySource.AddActivityListener(listener);
        var headers = new Dictionary<string, object?>
        {
            [header] = $"00-{trace}-00f067aa0ba902b7-01",
            ["baggage"] = "person=kai",
            ["MT-Activity-Correlation-Context"] = "person=kai",
            ["cloudEvents_specversion"] = header.StartsWith("cloud", StringComparison.Ordinal) ? "1.0" : null,
        };
        await PublishAsync("any", "{}", new BasicProperties { Headers = headers });

        var activity = await Poll.For(() => Task.FromResult(seen.FirstOrDefault(activity => activity.Links.Any(link => link.Context.TraceId == trace))), found => found is not null, "the link");
        Assert.That((activity!.ParentId, activity.Baggage.Count()), Is.EqualTo(((string?)null, 0)));
    }

    [Test]
    public async Task Should_set_aside_what_no_client_should_send_and_lose_none_of_it()
    {
        var before = await CountAsync("SELECT count(*) FROM quarantined_facts WHERE code IN ('not_utf8', 'json_malformed')");
        var hostile = new BasicProperties
        {
            ContentType = "application/vnd.masstransit+json; charset=\"", ContentEncoding = "gzip", MessageId = "", CorrelationId = "not a guid", Expiration = "60000", Type = "x", ReplyTo = "nowhere",
            Headers = new Dictionary<string, object?> { ["traceparent"] = "00-zz", ["MT-Activity-Id"] = new byte[] { 0xFF }, ["cloudEvents_specversion"] = null, ["MT-Host-Info"] = "{", ["publishId"] = 7, ["x"] = new List<object?> { 1, null } },
        };
        await PublishAsync("", "\u00a7 no json", hostile);
        await _channel.BasicPublishAsync("hub.events", "#.*", mandatory: true, hostile, new byte[] { 0xFF, 0xFE, 0 });
        await _channel.BasicPublishAsync("hub.events", new string('k', 255), mandatory: true, new BasicProperties(), ReadOnlyMemory<byte>.Empty);

        await CountsAsync("SELECT count(*) FROM quarantined_facts WHERE code IN ('not_utf8', 'json_malformed')", before + 3);
        Assert.That(await _broker.Management.GetStringAsync($"api/queues/{_broker.Name}"), Does.Not.Contain("_error").And.Not.Contain("_skipped"));
    }

    [Test]
    public async Task Should_take_in_what_has_headers_that_the_client_cannot_read_and_go_on()
    {
        var denied = Encoding.UTF8.GetBytes(Fact("consent_updated", "unreadable", "unr-1", """{"purpose":"email_marketing","status":"denied","source":"form"}"""));
        Assert.That(await BareAmqp.PublishAsync(_broker.Uri, "hub.events", "consent_updated", BareAmqp.ImpossibleDecimal, denied), Is.True, "the broker takes it");
        Assert.That(await BareAmqp.PublishAsync(_broker.Uri, "hub.events", "any", BareAmqp.ListsInLists(20_000), Encoding.UTF8.GetBytes(Profile("nested", "nested"))), Is.True);
        await PublishAsync("profile_updated", Profile("after-unreadable", "after-unreadable"));

        await CountsAsync("SELECT count(*) FROM consents WHERE subject_key = 'id:unr-1' AND status = 'denied'", 1);
        await CountsAsync("SELECT count(*) FROM facts WHERE producer IN ('nested', 'after-unreadable')", 2);
        await CountsAsync("SELECT count(*) FROM facts WHERE producer = 'unreadable'", 1);
    }

    [Test]
    public async Task Should_show_in_the_catalog_what_came_and_how_it_departs_from_its_contract()
    {
        await PublishAsync("profile_updated", Fact("profile_updated", "catalog", "cat-1", """{"attributes":{},"colour":"red"}"""));
        await CountsAsync("SELECT count(*) FROM facts WHERE producer = 'catalog'", 1);
        using var http = new HttpClient { BaseAddress = new Uri(_hub.Web.Urls.First()) };

        var entry = System.Text.Json.Nodes.JsonNode.Parse(await http.GetStringAsync("/v1/catalog/profile_updated"))!;
        var all = System.Text.Json.Nodes.JsonNode.Parse(await http.GetStringAsync("/v1/catalog"))!["items"]!.AsArray();
        var violations = System.Text.Json.Nodes.JsonNode.Parse(await http.GetStringAsync("/v1/violations?producer=catalog"))!["items"]!.AsArray();

        Assert.That(entry["producers"]!.AsArray().Where(producer => (string?)producer!["producer"] == "catalog").Select(producer => (int)producer!["total"]!), Is.EqualTo(new[] { 1 }));
        Assert.That(all.Select(type => (string?)type!["event_type"]), Is.EqualTo(ApprovedFact.Contracts.Select(ApprovedFact.TypeOf).Order(StringComparer.Ordinal)));
        Assert.That(violations.Select(violation => ((string?)violation!["path"], (string?)violation["severity"], (string?)violation["schema"])), Is.EqualTo(new[] { ("payload.colour", "low", "urn:integrationhub:schema:profile_updated:v1") }));
        Assert.That((await http.GetAsync("/v1/catalog/profile_upgraded")).StatusCode, Is.EqualTo(System.Net.HttpStatusCode.NotFound));
    }

    [TestCase("cloudEvents_")]
    [TestCase("cloudEvents:")]
    public async Task Should_take_in_a_cloud_event_whose_attributes_are_headers(string prefix)
    {
        var headers = new Dictionary<string, object?>
        {
            [prefix + "specversion"] = "1.0",
            [prefix + "id"] = "7",
            [prefix + "source"] = $"/shop/{prefix}",
            [prefix + "type"] = "integrationhub.consent_updated.v1",
            [prefix + "time"] = "2026-01-02T03:04:05Z"u8.ToArray(),
        };
        await PublishAsync("any", """{"subject":{"external_id":"ce-1"},"payload":{"purpose":"email_marketing","status":"denied","source":"form"}}""", new BasicProperties { Headers = headers });

        await CountsAsync($"SELECT count(*) FROM facts WHERE producer = '/shop/{prefix}' AND event_type = 'consent_updated'", 1);
    }

    [Test]
    public async Task Should_swallow_the_consent_that_comes_to_both_endpoints()
    {
        await PublishAsync("consent_updated", Fact("consent_updated", "raw-consent", "rc-1", """{"purpose":"email_marketing","status":"denied","source":"form"}"""));
        await PublishAsync("profile_updated", Profile("after-consent", "after-consent"));

        await CountsAsync("SELECT count(*) FROM facts WHERE producer = 'after-consent'", 1);
        await CountsAsync("SELECT count(*) FROM consents WHERE subject_key = 'id:rc-1'", 1);
        await CountsAsync("SELECT count(*) FROM facts WHERE producer = 'raw-consent'", 1);
    }

    [Test]
    public async Task Should_set_bad_facts_aside_with_their_path_and_take_in_their_neighbours()
    {
        string[] bad =
        [
            Profile("bad", "poison").Replace("\"event_id\"", "\"id\"", StringComparison.Ordinal),
            Profile("bad", "poison").Replace("\"external_id\":\"bad\"", "\"external_id\":4711", StringComparison.Ordinal),
            Profile("bad", "poison").Replace("Z\"", "+0200\"", StringComparison.Ordinal),
            Profile("bad", "poi\\u0000son"),
            Profile("bad", "poison").Replace("\"Bonn\"", "\"\\ud83d\"", StringComparison.Ordinal),
            Fact("behavior_tracked", "poison", "bad", "null"),
            Fact("consent_updated", "poison", "PX3bad", """{"purpose":"email_marketing","status":"denied","source":null}"""),
            "no json at all",
        ];
        const string SetAside = "SELECT count(*) FROM quarantined_facts WHERE path IN ('event_id', 'subject.external_id', 'occurred_at', 'producer', 'payload.attributes.city', 'payload', 'payload.source', '')";
        var before = await CountAsync(SetAside);
        for (var i = 0; i < bad.Length; i++)
        {
            await PublishAsync("profile_updated", bad[i]);
            await PublishAsync("profile_updated", Profile($"good-{i}", "neighbour"));
        }

        await CountsAsync("SELECT count(*) FROM facts WHERE producer = 'neighbour'", bad.Length);
        await CountsAsync("SELECT count(*) FROM facts WHERE producer = 'poison'", 0);
        await CountsAsync("SELECT count(*) FROM consents WHERE subject_key = 'id:PX3bad' AND status = 'denied'", 1);
        await CountsAsync(SetAside, before + bad.Length);
        var queues = await _broker.Management.GetStringAsync($"api/queues/{_broker.Name}");
        Assert.That(queues, Does.Contain("hub-consents").And.Contain("hub-intake").And.Not.Contains("_error").And.Not.Contains("_skipped"));
    }

    [Test]
    public async Task Should_keep_no_junk_in_queues_where_everything_is_asked_for_again()
    {
        string[] queues = [BusSetup.RunsEndpoint, BusSetup.VerificationEndpoint, Doorbell.EndpointName("braze"), Doorbell.StreamEndpointName("braze", "urgent"), Doorbell.StreamEndpointName("braze", "live"), Doorbell.StreamEndpointName("braze", "replay")];
        foreach (var queue in queues)
        {
            foreach (var (type, body) in new[] { ("application/json", "no json"), ("application/vnd.masstransit+json", """{"messageType":["urn:message:Nobody:Knows"],"message":{}}""") })
            {
                await _channel.BasicPublishAsync("", queue, mandatory: true, new BasicProperties { ContentType = type }, Encoding.UTF8.GetBytes(body));
            }
        }

        await Poll.For(
            async () => (await Task.WhenAll(queues.Select(queue => _channel.MessageCountAsync(queue)))).Sum(count => count),
            left => left == 0,
            "no message is left");
        var known = await _broker.Management.GetStringAsync($"api/queues/{_broker.Name}");
        Assert.That(known, Does.Not.Contains("_error").And.Not.Contains("_skipped"));
    }

    [Test]
    public async Task Should_name_every_queue_that_may_keep_failures_in_the_runbook()
    {
        using var queues = System.Text.Json.JsonDocument.Parse(await _broker.Management.GetStringAsync($"api/queues/{_broker.Name}"));
        var named = Runbook.Read("error-queues");
        var names = queues.RootElement.EnumerateArray().Select(queue => queue.GetProperty("name").GetString()!).Where(name => !name.Contains("bus", StringComparison.Ordinal)).ToList();
        Assert.That(names, Has.Member("audience-sync"));
        Assert.That(names.Where(name => !named.Contains($"`{(name.StartsWith("deliver-", StringComparison.Ordinal) ? "deliver-…" : name)}`", StringComparison.Ordinal)), Is.Empty);
    }

    private static Dictionary<string, System.Text.Json.JsonElement> Attributes() => new() { ["city"] = System.Text.Json.JsonSerializer.SerializeToElement("Bonn") };

    private static string Profile(string person, string producer) => Fact("profile_updated", producer, person, """{"attributes":{"city":"Bonn"}}""");

    private static string Fact(string type, string producer, string person, string payload) =>
        $$"""{"event_id":"{{Guid.NewGuid()}}","event_type":"{{type}}","schema_version":1,"occurred_at":"2026-11-20T10:00:00Z","producer":"{{producer}}","subject":{"external_id":"{{person}}"},"payload":{{payload}}}""";

    private Task PublishAsync(string routingKey, string body, BasicProperties? properties = null) =>
        _channel.BasicPublishAsync("hub.events", routingKey, mandatory: true, properties ?? new BasicProperties(), Encoding.UTF8.GetBytes(body)).AsTask();

    private Task CountsAsync(string sql, long expected) => Poll.For(() => CountAsync(sql), count => count == expected, sql);

    private Task<long> CountAsync(string sql) => _hub.Web.Services.GetRequiredService<OutboxTransaction>().ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return (long)(await session.ScalarAsync(sql, CancellationToken.None))!;
    });
}
