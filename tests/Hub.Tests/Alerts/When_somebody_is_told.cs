using System.Text.Json;
using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.TestServers;
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
        var route = new AlertRoute("on_call", AlertRouteKind.Pagerduty, [], []) { Secrets = Secret(PagerDutyKey), Url = _receiver.Address };
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

    /// <summary>The answer of the same page to a key that is none. A person mends it in alerts.yaml's secret, and what was to be told is told.</summary>
    [Test]
    public async Task Should_go_on_with_a_new_key_when_the_old_one_is_refused()
    {
        var key = "short";
        var route = new AlertRoute("on_call", AlertRouteKind.Pagerduty, [], []) { Secrets = [SecretReference.ToEnvironment("KEY", _ => key)], Url = _receiver.Address };
        _receiver.Answers.Enqueue((400, """{"status":"invalid event","message":"Event object is invalid","errors":["Length of 'routing_key' is incorrect (should be 32 characters)"]}"""));
        await TellAsync(route, AlertChange.Trigger);
        Assert.That((await TellingsAsync()).Single(), Has.Property(nameof(AlertTelling.Error)).EqualTo("http_400").And.Property(nameof(AlertTelling.GivenUpAt)).Null);

        key = PagerDutyKey;
        await ExecuteAsync("UPDATE alert_sends SET due_at = 0");
        await Sender(route).SendDueAsync(CancellationToken.None);
        Assert.That(await UntoldAsync(), Is.Zero);
        Assert.That(JsonDocument.Parse(_receiver.Calls.Last().Body).RootElement.GetProperty("routing_key").GetString(), Is.EqualTo(PagerDutyKey));
    }

    [Test]
    public async Task Should_tell_Slack_what_to_do_first()
    {
        var route = new AlertRoute("team", AlertRouteKind.Slack, [], []) { Secrets = Secret(_receiver.Address.ToString()) };
        await TellAsync(route, AlertChange.Trigger);
        var text = JsonDocument.Parse(_receiver.Calls.Single().Body).RootElement.GetProperty("text").GetString();
        Assert.That(text, Does.StartWith("*[high] acme/bulk: unauthorized*\n").And.Contain("Answer within 1 h\n").And.Contain("First: destinations check acme").And.Contain("Hub/Docs/runbooks/run-stalled.md").And.Contain("&lt;401&gt;"));
    }

    /// <summary>The answers of https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks: a person allows it, makes the channel again, or names another one, within the day.</summary>
    [TestCase(403, "action_prohibited")]
    [TestCase(404, "channel_not_found")]
    [TestCase(410, "channel_is_archived")]
    [TestCase(429, "rate_limited")]
    [TestCase(500, "rollup_error")]
    public async Task Should_try_again_for_a_day_whatever_a_receiver_says(int status, string answer)
    {
        var route = new AlertRoute("team", AlertRouteKind.Slack, [], []) { Secrets = Secret(_receiver.Address.ToString()) };
        _receiver.Answers.Enqueue((status, answer));
        _receiver.Answers.Enqueue((status, answer));
        await TellAsync(route, AlertChange.Trigger);
        Assert.That((await TellingsAsync()).Single(), Has.Property(nameof(AlertTelling.Error)).EqualTo($"http_{status}").And.Property(nameof(AlertTelling.GivenUpAt)).Null);

        await ExecuteAsync($"UPDATE alert_sends SET due_at = 0, at = {DateTimeOffset.UtcNow.AddHours(-25).UtcTicks}");
        await Sender(route).SendDueAsync(CancellationToken.None);
        Assert.That((await TellingsAsync()).Single().GivenUpAt, Is.Not.Null, "nobody wants to know any more");
    }

    /// <summary>https://docs.slack.dev/apis/web-api/rate-limits: one message a second, else 429 with Retry-After; https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md asks for the same.</summary>
    [TestCase(120, 120)]
    [TestCase(1, 5)]
    [TestCase(86_400, 600)]
    public async Task Should_wait_as_long_as_a_receiver_asks_within_reason(int asked, int seconds)
    {
        _receiver.RetryAfter = asked;
        _receiver.Answers.Enqueue((429, "rate_limited"));
        await TellAsync(new AlertRoute("team", AlertRouteKind.Slack, [], []) { Secrets = Secret(_receiver.Address.ToString()) }, AlertChange.Trigger);
        var (due, now) = (await CountAsync("SELECT due_at FROM alert_sends"), DateTimeOffset.UtcNow.UtcTicks);
        Assert.That(due - now, Is.LessThanOrEqualTo(seconds * TimeSpan.TicksPerSecond));
        Assert.That(due - now, Is.GreaterThan((seconds - 60) * TimeSpan.TicksPerSecond), "the database's clock, and a busy machine, aside");
    }

    /// <summary>The limits of https://github.com/PagerDuty/developer-docs/blob/main/docs/events-API-v2/02-Trigger-Events.md: a summary of 1,024 characters, a key of 255, four severities.</summary>
    [TestCase(AlertSeverity.Critical, "critical")]
    [TestCase(AlertSeverity.High, "error")]
    [TestCase(AlertSeverity.Medium, "warning")]
    [TestCase(AlertSeverity.Low, "info")]
    public async Task Should_keep_to_what_PagerDuty_takes(string severity, string theirs)
    {
        var route = new AlertRoute("on_call", AlertRouteKind.Pagerduty, [], []) { Secrets = Secret(PagerDutyKey), Url = _receiver.Address };
        var what = new AlertInput("destination:acme:unauthorized", severity, "unauthorized", new string('x', 5_000), "run-stalled", Noon) { Destination = "acme" };
        var body = JsonSerializer.Serialize(AlertNotice.Of(new AlertChange(new StoredAlert(long.MaxValue, "", what, Noon, Noon, null, null), AlertChange.Trigger)));
        await WriteAsync(db => AlertSends.AddAsync(db, 7, route.Name, AlertChange.Trigger, body, CancellationToken.None));
        await Sender(route).SendDueAsync(CancellationToken.None);
        var told = JsonDocument.Parse(_receiver.Calls.Single().Body).RootElement;
        Assert.That(told.GetProperty("payload").GetProperty("summary").GetString(), Has.Length.EqualTo(1_024));
        Assert.That(told.GetProperty("dedup_key").GetString(), Has.Length.LessThanOrEqualTo(255));
        Assert.That((told.GetProperty("payload").GetProperty("severity").GetString(), told.GetProperty("payload").GetProperty("custom_details").GetProperty("answer_within_minutes").GetInt32()), Is.EqualTo((theirs, (int)AlertSeverity.AnswerWithin(severity).TotalMinutes)));
    }

    [Test]
    public async Task Should_tell_the_others_while_one_does_not_answer()
    {
        var held = new TaskCompletionSource();
        await using var slow = await Receiver.StartAsync(held.Task);
        var (dead, well) = (new AlertRoute("slow", AlertRouteKind.Slack, [], []) { Secrets = Secret(slow.Address.ToString()) }, new AlertRoute("team", AlertRouteKind.Slack, [], []) { Secrets = Secret(_receiver.Address.ToString()) });
        await AddAsync("slow", 60);
        using var sender = Sender(dead, well);
        await sender.StartAsync(CancellationToken.None);
        await Poll.Until(() => slow.Calls.Count >= 20, "the first to be called as often as it may be at once");
        await AddAsync("team", 3);
        await Poll.Until(() => _receiver.Calls.Count == 3, "the other one to be told");
        Assert.That(slow.Calls, Has.Count.EqualTo(20), "one receiver is asked for so much at a time");
        held.SetResult();
        await sender.StopAsync(CancellationToken.None);
    }

    [Test]
    public async Task Should_leave_what_goes_along_a_route_of_another_hub_to_that_hub()
    {
        await AddAsync("of_another", 1);
        await Sender(new AlertRoute("team", AlertRouteKind.Slack, [], []) { Secrets = Secret(_receiver.Address.ToString()) }).SendDueAsync(CancellationToken.None);
        Assert.That((await TellingsAsync()).Single(), Has.Property(nameof(AlertTelling.Attempts)).Zero.And.Property(nameof(AlertTelling.GivenUpAt)).Null);

        await ExecuteAsync($"UPDATE alert_sends SET at = {DateTimeOffset.UtcNow.AddMinutes(-61).UtcTicks}");
        await Sender().SendDueAsync(CancellationToken.None);
        Assert.That((await TellingsAsync()).Single().Error, Is.EqualTo("route_gone"), "no hub had it for an hour");
    }

    [Test]
    public async Task Should_be_told_once_by_two_hubs_that_send_at_once()
    {
        var route = new AlertRoute("team", AlertRouteKind.Slack, [], []) { Secrets = Secret(_receiver.Address.ToString()) };
        await AddAsync("team", 15);
        await Task.WhenAll(Sender(route).SendDueAsync(CancellationToken.None), Sender(route).SendDueAsync(CancellationToken.None));
        await Sender(route).SendDueAsync(CancellationToken.None);
        Assert.That((_receiver.Calls.Count, await UntoldAsync()), Is.EqualTo((15, 0L)));
    }

    [Test]
    public async Task Should_be_known_by_the_old_and_the_new_secret_while_one_is_replaced()
    {
        const string New = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
        await TellAsync(new AlertRoute("own", AlertRouteKind.Webhook, [], []) { Secrets = [.. Secret(New), .. Secret(WebhookSecret)], Url = _receiver.Address }, AlertChange.Trigger);
        var (body, headers) = _receiver.Calls.Single();
        Assert.That(headers["webhook-signature"].Split(' '), Is.EqualTo(new[] { New, WebhookSecret }.Select(secret => WebhookChannel.Sign(StandardWebhooksSecret.KeyOf(secret)!, headers["webhook-id"], headers["webhook-timestamp"], body))));
    }

    [Test]
    public async Task Should_try_again_to_its_end_what_no_server_understands()
    {
        await ExecuteAsync("INSERT INTO alert_sends (alert_id, route, event, body, at, due_at) VALUES (7, 'team', 'trigger', 'no JSON', 0, 0)");
        await Sender(new AlertRoute("team", AlertRouteKind.Slack, [], []) { Secrets = Secret(_receiver.Address.ToString()) }).SendDueAsync(CancellationToken.None);
        Assert.That((await TellingsAsync()).Single(), Has.Property(nameof(AlertTelling.Error)).EqualTo(nameof(JsonException)).And.Property(nameof(AlertTelling.GivenUpAt)).Not.Null);
    }

    [Test]
    public async Task Should_sign_what_it_tells_and_repeat_it_under_the_same_id()
    {
        var route = new AlertRoute("own", AlertRouteKind.Webhook, [], []) { Secrets = Secret(WebhookSecret), Url = _receiver.Address };
        _receiver.Answers.Enqueue((503, ""));
        await TellAsync(route, AlertChange.Trigger);
        Assert.That(await UntoldAsync(), Is.EqualTo(1), "it is tried again");
        await ExecuteAsync("UPDATE alert_sends SET due_at = 0");
        await Sender(route).SendDueAsync(CancellationToken.None);
        Assert.That(await UntoldAsync(), Is.Zero);
        Assert.That(_receiver.Calls.Select(call => call.Headers["webhook-id"]).Distinct().Count(), Is.EqualTo(1));
        Assert.That(_receiver.Calls.Select(call => call.Body).Distinct().Count(), Is.EqualTo(1), "the time in the body is that of the change, as the specification says, and not of the attempt");
        Assert.That(JsonDocument.Parse(_receiver.Calls.First().Body).RootElement.GetProperty("timestamp").GetDateTimeOffset(), Is.EqualTo(Noon));
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
        await TellAsync(new AlertRoute("own", AlertRouteKind.Webhook, [], []) { Secrets = Secret(WebhookSecret), Url = new Uri("http://127.0.0.1:9/in") }, AlertChange.Trigger);
        Assert.That((await TellingsAsync()).Single(), Has.Property(nameof(AlertTelling.GivenUpAt)).Null.And.Property(nameof(AlertTelling.Error)).EqualTo(nameof(HttpRequestException)));
        await ExecuteAsync("DELETE FROM alert_sends");
        await TellAsync(new AlertRoute("team", AlertRouteKind.Slack, [], []) { Secrets = [SecretReference.ToEnvironment("NONE", _ => null)] }, AlertChange.Trigger);
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

    private async Task AddAsync(string route, int count)
    {
        var what = new AlertInput("destination:acme:unauthorized", AlertSeverity.High, "unauthorized", "Put a valid secret there.", "run-stalled", Noon);
        for (var i = 0; i < count; i++)
        {
            var alert = count == 1 ? 7 : 1_000 + i;
            var body = JsonSerializer.Serialize(AlertNotice.Of(new AlertChange(new StoredAlert(alert, "", what, Noon, Noon, null, null), AlertChange.Trigger)));
            await WriteAsync(db => AlertSends.AddAsync(db, alert, route, AlertChange.Trigger, body, CancellationToken.None));
        }
    }

    private AlertSender Sender(params AlertRoute[] routes) => new(
        new HubConfiguration
        {
            Destinations = new Dictionary<string, DestinationConfiguration>(), Mappings = new Dictionary<string, MappingFile>(), Consent = new ConsentRules("", []),
            Audiences = new Dictionary<string, AudienceConfiguration>(), AlertRoutes = routes,
        },
        Transactions, new AlertTeller(_clients, TimeProvider.System), Microsoft.Extensions.Options.Options.Create(new WatchOptions { Look = TimeSpan.FromSeconds(3) }), TimeProvider.System, NullLogger<AlertSender>.Instance);

    private Task<IReadOnlyList<AlertTelling>> TellingsAsync() => ReadAsync(db => AlertSends.ListAsync(db, 7, CancellationToken.None));

    private Task<long> UntoldAsync() => CountAsync("SELECT count(*) FROM alert_sends WHERE sent_at IS NULL");

    private Task ExecuteAsync(string sql) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(sql, CancellationToken.None);
    });

    private static IReadOnlyList<SecretReference> Secret(string value) => [SecretReference.ToEnvironment("SECRET", _ => value)];

    private sealed class HttpClients : IHttpClientFactory
    {
        public HttpClient CreateClient(string name) => new();
    }
}
