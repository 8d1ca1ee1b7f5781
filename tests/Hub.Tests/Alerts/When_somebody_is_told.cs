using System.Text.Json;
using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Alerts;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Alerts;

/// <summary>From the book to real receivers: told at least once, repeated under the same name, in order.</summary>
public sealed class When_somebody_is_told() : DeliveryFixture(StorageDatabase.Sqlite)
{
    private const string PagerDutyKey = "0123456789abcdef0123456789abcdef";

    // A signature of the specification's own example: https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/python/tests/test_webhooks.py
    private const string WebhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private readonly HttpClients _clients = new();
    private Receiver _receiver = null!;

    [SetUp]
    public async Task Begin()
    {
        _receiver = await Receiver.StartAsync();
        await ExecuteAsync("DELETE FROM alert_sends");
    }

    [TearDown]
    public async Task End() => await _receiver.DisposeAsync();

    /// <summary>The answers of https://v2.developer.pagerduty.com/docs/send-an-event-events-api-v2.</summary>
    [Test]
    public async Task Should_open_and_close_an_incident_at_PagerDuty()
    {
        var route = new AlertRoute("on_call", AlertRouteKind.Pagerduty, [], []) { Secret = Secret(PagerDutyKey), Url = _receiver.Address };
        _receiver.Answers.Enqueue((202, """{"status":"success","message":"Event processed","dedup_key":"samplekeyhere"}"""));
        await TellAsync(route, AlertChange.Trigger, AlertChange.Resolve);
        var bodies = _receiver.Calls.Select(call => JsonDocument.Parse(call.Body).RootElement).ToList();
        Assert.That(bodies.Select(body => (body.GetProperty("routing_key").GetString(), body.GetProperty("event_action").GetString(), body.GetProperty("dedup_key").GetString())), Is.EqualTo(new[]
        {
            (PagerDutyKey, "trigger", "integrationhub-alert-7"), (PagerDutyKey, "resolve", "integrationhub-alert-7"),
        }));
        var payload = bodies[0].GetProperty("payload");
        Assert.That((payload.GetProperty("severity").GetString(), payload.GetProperty("source").GetString(), payload.GetProperty("class").GetString()), Is.EqualTo(("error", "acme", "unauthorized")));
        Assert.That(payload.GetProperty("summary").GetString(), Does.Contain("refuses our credentials"));
        Assert.That(payload.GetProperty("custom_details").GetProperty("first_action").GetString(), Is.EqualTo("destinations check acme"));
        Assert.That(await UntoldAsync(), Is.Zero);
    }

    [Test]
    public async Task Should_give_up_what_PagerDuty_will_never_take()
    {
        var route = new AlertRoute("on_call", AlertRouteKind.Pagerduty, [], []) { Secret = Secret("short"), Url = _receiver.Address };
        _receiver.Answers.Enqueue((400, """{"status":"invalid event","message":"Event object is invalid","errors":["Length of 'routing_key' is incorrect (should be 32 characters)"]}"""));
        await TellAsync(route, AlertChange.Trigger);
        Assert.That((await TellingsAsync()).Single(), Has.Property(nameof(AlertTelling.Error)).EqualTo("http_400").And.Property(nameof(AlertTelling.GivenUpAt)).Not.Null);
    }

    [Test]
    public async Task Should_tell_Slack_what_to_do_first()
    {
        var route = new AlertRoute("team", AlertRouteKind.Slack, [], []) { Secret = Secret(_receiver.Address.ToString()) };
        await TellAsync(route, AlertChange.Trigger);
        var text = JsonDocument.Parse(_receiver.Calls.Single().Body).RootElement.GetProperty("text").GetString();
        Assert.That(text, Does.StartWith("*[high] acme/bulk: unauthorized*\n").And.Contain("First: destinations check acme").And.Contain("Hub/Docs/runbooks/run-stalled.md").And.Contain("&lt;401&gt;"));
    }

    /// <summary>The answers of https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks; of 429 and 5xx a repeat is well.</summary>
    [TestCase(403, "action_prohibited", true)]
    [TestCase(404, "channel_not_found", true)]
    [TestCase(410, "channel_is_archived", true)]
    [TestCase(429, "rate_limited", false)]
    [TestCase(500, "rollup_error", false)]
    public async Task Should_know_when_Slack_will_never_take_it(int status, string answer, bool isFinal)
    {
        _receiver.Answers.Enqueue((status, answer));
        await TellAsync(new AlertRoute("team", AlertRouteKind.Slack, [], []) { Secret = Secret(_receiver.Address.ToString()) }, AlertChange.Trigger);
        Assert.That((await TellingsAsync()).Single().GivenUpAt is not null, Is.EqualTo(isFinal));
    }

    [Test]
    public async Task Should_sign_what_it_tells_and_repeat_it_under_the_same_id()
    {
        var route = new AlertRoute("own", AlertRouteKind.Webhook, [], []) { Secret = Secret(WebhookSecret), Url = _receiver.Address };
        _receiver.Answers.Enqueue((503, ""));
        await TellAsync(route, AlertChange.Trigger);
        Assert.That(await UntoldAsync(), Is.EqualTo(1), "it is tried again");
        await ExecuteAsync("UPDATE alert_sends SET due_at = 0");
        await Sender(route).SendDueAsync(CancellationToken.None);
        Assert.That(await UntoldAsync(), Is.Zero);
        Assert.That(_receiver.Calls.Select(call => call.Headers["webhook-id"]).Distinct().Count(), Is.EqualTo(1));
        foreach (var (body, headers) in _receiver.Calls)
        {
            Assert.That(headers["webhook-signature"], Is.EqualTo(WebhookChannel.Sign(StandardWebhooksSecret.KeyOf(WebhookSecret)!, headers["webhook-id"], headers["webhook-timestamp"], body)));
        }
    }

    [Test]
    public void Should_sign_as_the_specification_does() => Assert.That(
        WebhookChannel.Sign(StandardWebhooksSecret.KeyOf(WebhookSecret)!, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", """{"test": 2432232314}"""),
        Is.EqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));

    [Test]
    public async Task Should_write_an_e_mail_and_again_under_the_same_id_when_the_server_had_no_room()
    {
        await using var mailbox = new Mailbox { Refusals = 1 };
        var route = new AlertRoute("mail", AlertRouteKind.Email, [], []) { Mail = new MailSection("127.0.0.1", mailbox.Port, true, null, "hub@example.com", ["on-call@example.com"]) };
        await TellAsync(route, AlertChange.Trigger);
        Assert.That((await TellingsAsync()).Single().Error, Is.EqualTo("smtp_452"));
        await ExecuteAsync("UPDATE alert_sends SET due_at = 0");
        await Sender(route).SendDueAsync(CancellationToken.None);
        var mail = mailbox.Mails.Single();
        Assert.That(mail.Subject, Is.EqualTo("[high] acme/bulk: unauthorized"));
        Assert.That(mail.MessageId, Does.StartWith("alert-send-"));
        Assert.That(mail.TextBody, Does.Contain("First: destinations check acme"));
        Assert.That(await UntoldAsync(), Is.Zero);
    }

    [Test]
    public async Task Should_wait_for_a_receiver_that_is_not_there_and_for_a_secret_that_is_not_written_yet()
    {
        await TellAsync(new AlertRoute("own", AlertRouteKind.Webhook, [], []) { Secret = Secret(WebhookSecret), Url = new Uri("http://127.0.0.1:9/in") }, AlertChange.Trigger);
        Assert.That((await TellingsAsync()).Single(), Has.Property(nameof(AlertTelling.GivenUpAt)).Null.And.Property(nameof(AlertTelling.Error)).EqualTo(nameof(HttpRequestException)));
        await ExecuteAsync("DELETE FROM alert_sends");
        await TellAsync(new AlertRoute("team", AlertRouteKind.Slack, [], []) { Secret = SecretReference.ToEnvironment("NONE", _ => null) }, AlertChange.Trigger);
        Assert.That((await TellingsAsync()).Single(), Has.Property(nameof(AlertTelling.GivenUpAt)).Null.And.Property(nameof(AlertTelling.Error)).EqualTo("secret_missing"));
    }

    private async Task TellAsync(AlertRoute route, params string[] events)
    {
        foreach (var @event in events)
        {
            var what = new AlertInput("destination:acme:unauthorized", AlertSeverity.High, "unauthorized", "acme refuses our credentials <401>; put a valid secret there.", "run-stalled", Noon)
            { Destination = "acme", Lane = "bulk", Action = "destinations check acme", Records = 1_200 };
            var body = JsonSerializer.Serialize(AlertNotice.Of(new AlertChange(new StoredAlert(7, "", what, Noon, Noon, @event == AlertChange.Resolve ? Noon : null, null), @event)));
            await WriteAsync(db => AlertSends.AddAsync(db, 7, route.Name, @event, body, CancellationToken.None));
        }

        foreach (var _ in events)
        {
            await Sender(route).SendDueAsync(CancellationToken.None);
        }
    }

    private AlertSender Sender(AlertRoute route) => new(
        new HubConfiguration
        {
            Destinations = new Dictionary<string, DestinationConfiguration>(), Mappings = new Dictionary<string, MappingFile>(), Consent = new ConsentRules("", []),
            Audiences = new Dictionary<string, AudienceConfiguration>(), AlertRoutes = [route],
        },
        Transactions, _clients, TimeProvider.System, NullLogger<AlertSender>.Instance);

    private Task<IReadOnlyList<AlertTelling>> TellingsAsync() => ReadAsync(db => AlertSends.ListAsync(db, 7, CancellationToken.None));

    private Task<long> UntoldAsync() => CountAsync("SELECT count(*) FROM alert_sends WHERE sent_at IS NULL");

    private Task ExecuteAsync(string sql) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(sql, CancellationToken.None);
    });

    private static SecretReference Secret(string value) => SecretReference.ToEnvironment("SECRET", _ => value);

    private sealed class HttpClients : IHttpClientFactory
    {
        public HttpClient CreateClient(string name) => new();
    }
}
