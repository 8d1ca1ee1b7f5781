using System.Net;
using System.Text.Json;

namespace Hub.Tests.Cli;

public sealed class When_destinations_are_asked_for
{
    private const string HubSpot =
        """
        {"destination":"hubspot","connector":"hubspot","condition":null,
        "limits":[{"limit":"burst","calls":190,"window_seconds":10,"used":null,"resets_at":null},{"limit":"daily","calls":625000,"window_seconds":86400,"used":1234,"resets_at":"2026-01-03T05:00:00Z"}],
        "backlog":[{"lane":"bulk","pending":50000,"oldest":"2026-01-02T03:04:05Z"}],
        "forecast":[{"lane":"bulk","calls":550,"done_at":"2026-01-02T14:20:00Z","daily_used_at_end":0.61}]}
        """;

    private Session _session = null!;

    [SetUp]
    public void Start() => _session = new Session();

    [Test]
    public async Task Should_say_when_the_backlog_will_be_done_and_what_of_the_day_is_used_then()
    {
        _session.Hub.Answer("GET /v1/destinations", Session.List(HubSpot));
        Assert.That(await _session.CallAsync("destinations", "list"), Is.Zero);
        Assert.That(_session.Out, Does.Contain("50,000").And.Contain("2026-01-02 14:20:00Z").And.Contain("61 %"));
    }

    [Test]
    public async Task Should_show_the_limits_of_one()
    {
        _session.Hub.Answer("GET /v1/destinations/hubspot", HubSpot);
        Assert.That(await _session.CallAsync("destinations", "show", "hubspot"), Is.Zero);
        Assert.That(_session.Out, Does.Contain("burst").And.Contain("190").And.Contain("1,234"));
    }

    [Test]
    public async Task Should_show_a_job_that_was_given_up_with_what_is_to_be_done()
    {
        _session.Hub.Answer("GET /v1/destinations/hubspot", HubSpot.Replace("\"limits\":",
            """
            "given_up_jobs":[{"remote_job":"4711/3","run_id":"0190a5d2-7c11-7abc-8def-000000000001","audience":"customers","started_at":"2026-01-02T03:04:05Z","given_up_at":"2026-01-03T03:04:05Z",
            "next_look_at":"2026-01-03T03:19:05Z","records":50000,"to_do":"Ask."}],"limits":
            """, StringComparison.Ordinal));
        Assert.That(await _session.CallAsync("destinations", "show", "hubspot"), Is.Zero);
        Assert.That(_session.Out, Does.Contain("Job 4711/3 of audience customers").And.Contain("2026-01-03 03:04:05Z").And.Contain("Ask."));
    }

    [Test]
    public async Task Should_show_what_the_vendor_ends()
    {
        _session.Hub.Answer("GET /v1/destinations/hubspot", HubSpot.Replace("\"limits\":",
            """
            "endings":[{"kind":"sunset","operations":["POST /a","POST /b"],"at":"2027-03-30T00:00:00Z","what":null,"code":null,"page":"https://vendor.example.test/end","successor":"https://vendor.example.test/v2","first_seen":"2026-01-02T03:04:05Z","last_seen":"2026-01-03T03:04:05Z","count":1200},
            {"kind":"announced","operations":["POST /a"],"at":null,"what":"It ends some day.","code":null,"page":null,"successor":null,"first_seen":null,"last_seen":null,"count":0}],"limits":
            """, StringComparison.Ordinal));
        Assert.That(await _session.CallAsync("destinations", "show", "hubspot"), Is.Zero);
        Assert.That(_session.Out.ReplaceLineEndings(" "), Does.Contain("2027-03-30: sunset of POST /a, POST /b, said with 1,200 answers.").And.Contain("https://vendor.example.test/v2").And.Contain("no day is named: It ends some day."));
    }

    [Test]
    public async Task Should_show_the_fields_as_they_are_and_were()
    {
        _session.Hub.Answer("GET /v1/destinations/hubspot/fields?history=true", Session.List(
            """
            {"name":"town","state":"gone","type":"string","length":255,"read_only":false,"seen_at":"2026-01-03T03:04:05Z","current":true,"mapped":true,"change":"is gone"},
            {"name":"town","state":"there","type":"string","length":255,"read_only":true,"seen_at":"2026-01-02T03:04:05Z","current":false,"mapped":true,"change":null}
            """));
        Assert.That(await _session.CallAsync("destinations", "fields", "hubspot", "--history"), Is.Zero);
        Assert.That(_session.Out, Does.Contain("is gone").And.Contain("was there").And.Contain("read-only"));
    }

    [Test]
    public async Task Should_end_with_1_and_the_fix_when_a_check_finds_something()
    {
        _session.Hub.Answer(
            "POST /v1/destinations/hubspot/check",
            """{"destination":"hubspot","ok":false,"fields_inspected":9,"findings":[{"check":"field","field":"plan","code":"field_missing","problem":"There is no such property.","fix":"Create it."}]}""");
        Assert.That(await _session.CallAsync("destinations", "check", "hubspot"), Is.EqualTo(1));
        Assert.That(_session.Out, Does.Contain("plan").And.Contain("Create it.").And.Contain("9 mapped fields were compared"));
    }

    [Test]
    public async Task Should_end_waits_and_say_which()
    {
        _session.Hub.Answer("POST /v1/destinations/hubspot/resume", """{"destination":"hubspot","conditions":2,"limits":["daily"],"deliveries":1500}""");
        Assert.That(await _session.CallAsync("destinations", "resume", "hubspot"), Is.Zero);
        Assert.That(_session.Out, Does.Contain("2 waits ended").And.Contain("calls of daily count from zero").And.Contain("destinations show"));
    }

    [TestCase("written", "false", "voucher was written, and is not again")]
    [TestCase("not-written", "true", "voucher was not written, and is with the next record")]
    public async Task Should_end_the_doubt_about_a_field(string verdict, string owed, string said)
    {
        _session.Hub.Answer("POST /v1/destinations/braze/settle", $$"""{"destination":"braze","field":"voucher","as":"{{verdict}}","owed":{{owed}}}""");
        Assert.That(await _session.CallAsync("destinations", "settle", "braze", "c-17", "--field", "voucher", "--as", verdict, "--reason", "looked there"), Is.Zero);
        Assert.That(_session.Out, Does.Contain(said));
        Assert.That(_session.Hub.Asked.Single().Body, Does.Contain("c-17").And.Contain("looked there").And.Contain(verdict));
    }

    [Test]
    public async Task Should_show_the_wait_of_a_lane_and_of_an_audience_and_no_time_that_nobody_knows()
    {
        _session.Hub.Answer(
            "GET /v1/destinations",
            Session.List("""
            {"destination":"hubspot","connector":"hubspot","condition":null,
            "conditions":[{"trouble":"throttled","code":"quota_daily","since":"2026-01-02T03:04:05Z","until":"2026-01-03T05:00:00Z","concerns":"bulk"},
            {"trouble":"misconfigured","code":"audience_gone","since":"2026-01-02T03:04:05Z","until":"2026-01-02T05:00:00Z","concerns":"audience:customers"}],
            "limits":[],"backlog":[{"lane":"bulk","pending":1,"oldest":"2026-01-02T03:04:05Z"}],"forecast":[{"lane":"bulk","calls":1,"done_at":null,"daily_used_at_end":null}]}
            """));
        Assert.That(await _session.CallAsync("destinations", "list"), Is.Zero);
        Assert.That(_session.Out, Does.Contain("quota_daily").And.Contain("audience customers").And.Contain("audience_gone").And.Contain("destinations check hubspot"));
    }

    [TestCase("resume", "POST /v1/destinations/mailchimp/resume")]
    [TestCase("show", "GET /v1/destinations/mailchimp")]
    [TestCase("check", "POST /v1/destinations/mailchimp/check")]
    public async Task Should_end_with_2_when_there_is_no_such_destination(string verb, string call)
    {
        _session.Hub.Answer(call, Session.Problem(404, "There is no destination mailchimp."), HttpStatusCode.NotFound);
        Assert.That(await _session.CallAsync("destinations", verb, "mailchimp"), Is.EqualTo(2));
        Assert.That(_session.Error, Does.Contain("There is no destination mailchimp."));
    }

    [Test]
    public async Task Should_name_the_permissions_that_no_call_proves()
    {
        _session.Hub.Answer("POST /v1/destinations/braze/check", """{"destination":"braze","ok":true,"fields_inspected":0,"findings":[],"permissions_not_proven":["users.delete","email.status"],"opt_outs_not_told":"Braze lists nobody."}""");
        Assert.That(await _session.CallAsync("destinations", "check", "braze"), Is.Zero);
        Assert.That(_session.Out, Does.Contain("not proven").And.Contain("users.delete, email.status").And.Contain("Braze lists nobody."));
    }

    [Test]
    public async Task Should_say_what_could_not_be_compared_and_be_well()
    {
        _session.Hub.Answer("POST /v1/destinations/hubspot/check", """{"destination":"hubspot","ok":true,"fields_inspected":9,"findings":[],"events_inspected":0,"not_checked":["The kinds of event could not be checked. Add the scope."]}""");
        Assert.That(await _session.CallAsync("destinations", "check", "hubspot"), Is.Zero);
        Assert.That(_session.Out, Does.Contain("hubspot: The kinds of event could not be checked. Add the scope."));
    }

    [Test]
    public async Task Should_put_one_json_value_on_standard_output()
    {
        _session.Hub.Answer("POST /v1/destinations/braze/check", """{"destination":"braze","ok":true,"fields_inspected":0,"findings":[]}""");
        Assert.That(await _session.CallAsync("destinations", "check", "braze", "--json"), Is.Zero);
        Assert.That(JsonDocument.Parse(_session.Out).RootElement.GetProperty("ok").GetBoolean(), Is.True);
    }
}
