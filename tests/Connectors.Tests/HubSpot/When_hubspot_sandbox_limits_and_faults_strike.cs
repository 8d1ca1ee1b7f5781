using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Connectors.Sandbox.HubSpot;
using Microsoft.Extensions.Time.Testing;
using static Connectors.Tests.HubSpot.HubSpotSandboxClient;

namespace Connectors.Tests.HubSpot;

public sealed class When_hubspot_sandbox_limits_and_faults_strike
{
    private const string Account = "account-info/v3/details";
    private readonly FakeTimeProvider _clock = Clock.AtNoon();
    private HubSpotSandboxClient _client = null!;

    [SetUp]
    public async Task StartAsync() => _client = await HubSpotSandboxClient.StartAsync(new SandboxOptions { Time = _clock });

    [TearDown]
    public async Task StopAsync() => await _client.DisposeAsync();

    [Test]
    public async Task Should_count_calls_of_any_ten_seconds_and_tell_in_headers()
    {
        _client.HubSpot.CallsPerTenSeconds = 2;
        var first = await _client.CallAsync("GET", Account);
        Assert.That(first.Headers, Is.SupersetOf(new Dictionary<string, string>
        {
            ["X-HubSpot-RateLimit-Max"] = "2",
            ["X-HubSpot-RateLimit-Remaining"] = "1",
            ["X-HubSpot-RateLimit-Interval-Milliseconds"] = "10000",
            ["X-HubSpot-RateLimit-Daily"] = "625000",
            ["X-HubSpot-RateLimit-Daily-Remaining"] = "624999",
        }));

        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.That((await _client.CallAsync("GET", Account)).Status, Is.EqualTo(200));
        var refused = await _client.CallAsync("GET", Account);
        Assert.That(refused.Status, Is.EqualTo(429));
        Assert.That(((string)refused.Body!["errorType"]!, (string)refused.Body["policyName"]!), Is.EqualTo(("RATE_LIMIT", "TEN_SECONDLY_ROLLING")));
        Assert.That(refused.Headers, Does.Not.ContainKey("Retry-After"));

        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.That((await _client.CallAsync("GET", Account)).Status, Is.EqualTo(200), "The first call is out of the window.");
        Assert.That((await _client.CallAsync("GET", Account)).Status, Is.EqualTo(429), "The second one is not.");
    }

    [Test]
    public async Task Should_count_ten_seconds_per_token()
    {
        _client.HubSpot.CallsPerTenSeconds = 1;
        _client.HubSpot.Tokens["other"] = new HashSet<string>();
        await _client.CallAsync("GET", Account);
        _client.Token = "other";
        Assert.That((await _client.CallAsync("GET", Account)).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task Should_give_the_day_back_at_midnight_of_the_account()
    {
        _client.HubSpot.CallsPerDay = 1;
        _client.HubSpot.TimeZone = TimeZoneInfo.CreateCustomTimeZone("account", TimeSpan.FromHours(-5), "account", "account");
        await _client.CallAsync("GET", Account);
        var refused = await _client.CallAsync("GET", Account);
        Assert.That((refused.Status, (string)refused.Body!["policyName"]!), Is.EqualTo((429, "DAILY")));

        _clock.Advance(TimeSpan.FromHours(12));
        Assert.That((await _client.CallAsync("GET", Account)).Status, Is.EqualTo(429), "Midnight UTC is 19:00 there.");
        _clock.Advance(TimeSpan.FromHours(5));
        Assert.That((await _client.CallAsync("GET", Account)).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task Should_scale_and_switch_off_budgets()
    {
        _client.HubSpot.CallsPerTenSeconds = 1;
        _client.Room.Knobs.QuotaScale = 2;
        var statuses = new List<int>();
        for (var i = 0; i < 4; i++)
        {
            _client.Room.Knobs.Quotas = i < 3;
            statuses.Add((await _client.CallAsync("GET", Account)).Status);
        }

        Assert.That(statuses, Is.EqualTo(new[] { 200, 200, 429, 200 }));
    }

    [TestCase(423)]
    [TestCase(477)]
    [TestCase(502)]
    [TestCase(524)]
    public async Task Should_fail_before_it_applies(int status)
    {
        _client.Room.Faults.Add(new Fault { Kind = FaultKind.Status, Status = status, RetryAfter = TimeSpan.FromSeconds(90), Calls = 1 });
        var answer = await _client.UpsertAsync(Input("a", """{"firstname":"F"}"""));
        Assert.That((answer.Status, answer.Headers["Retry-After"]), Is.EqualTo((status, "90")));
        Assert.That(_client.HubSpot.People(), Is.Empty);
    }

    [TestCase(502)]
    [TestCase(504)]
    public async Task Should_fail_after_it_applied(int status)
    {
        _client.Room.Faults.Add(new Fault { Kind = FaultKind.Vendor, Variant = HubSpotSandbox.AppliedThenFailed, Status = status, Calls = 1 });
        Assert.That((await _client.UpsertAsync(Input("a", """{"firstname":"F"}"""))).Status, Is.EqualTo(status));
        Assert.That(_client.HubSpot.People().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_ignore_trace_ids_when_told()
    {
        _client.Room.Faults.Add(new Fault { Kind = FaultKind.Vendor, Variant = HubSpotSandbox.WithoutTraceIds });
        Assert.That((await _client.UpsertAsync(Input("a", """{"firstname":"F"}"""), Input("b", """{"email":"x"}"""))).Status, Is.EqualTo(400));
        var answer = await _client.UpsertAsync(Input("a", """{"firstname":"F"}"""));
        Assert.That(answer.Rows.Single()["objectWriteTraceId"], Is.Null);
    }

    [Test]
    public async Task Should_leave_records_out_of_its_answer_when_told()
    {
        _client.Room.Faults.Add(new Fault { Kind = FaultKind.Vendor, Variant = HubSpotSandbox.PartlyMentioned });
        var answer = await _client.UpsertAsync(Input("a", """{"firstname":"F"}"""), Input("b", """{"firstname":"F"}"""));
        Assert.That((answer.Rows.Count(), _client.HubSpot.People().Count()), Is.EqualTo((1, 2)));
    }

    [Test]
    public async Task Should_forget_everything_on_reset()
    {
        await _client.CreateAsync("a");
        await _client.CreateListAsync();
        _client.Room.Reset();
        Assert.That(_client.HubSpot.People(), Is.Empty);
        await _client.CreateListAsync();
        await _client.CreateAsync("a");
    }
}
