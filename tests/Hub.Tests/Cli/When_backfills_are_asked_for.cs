namespace Hub.Tests.Cli;

/// <summary><c>backfill …</c> as an operator types it.</summary>
public sealed class When_backfills_are_asked_for
{
    private const string Group = "99999999-2222-3333-4444-555555555555";
    private const string Other = "11111111-2222-3333-4444-666666666666";

    [Test]
    public async Task Should_plan_several_destinations_at_once_and_name_the_one_hash()
    {
        var session = new Session();
        var planned = Together(Backfill("AwaitingApproval", plan: Plan()), Backfill("AwaitingApproval", Other, plan: Plan()));
        session.Hub.Answer("POST /v1/backfills", planned).Answer($"GET /v1/backfills/{Group}", planned);
        Assert.That(
            await session.CallAsync("backfill", "plan", "--destination", "braze", "--destination", "hubspot", "--audience", "customers", "--window", "Mon-Fri 20:00-06:00 Europe/Berlin", "--rate", "50/s"), Is.Zero, session.Error);
        Assert.That(session.Hub.Asked[0].Body, Does.Contain("\"destination\":null,\"destinations\":[\"braze\",\"hubspot\"]").And.Contain("\"windows\":[\"Mon-Fri 20:00-06:00 Europe/Berlin\"]").And.Contain("\"rate\":\"50/s\",\"loud\":false"));
        Assert.That(session.Out, Does.Contain("takes about 01:00:00 because of its rate, in its windows not before 2026-11-28 05:00 UTC").And.Contain("at most 50/s").And.Contain("only Mon-Fri 20:00-06:00 Europe/Berlin"));
        Assert.That(session.Out, Does.Contain($"Let them pass with: backfill approve {Group} --plan all-of-them"));
    }

    [TestCase("braze", "--loud")]
    [TestCase("--loud", "--destination", "braze")]
    public async Task Should_plan_one_destination_as_before(params string[] how)
    {
        var session = new Session();
        var planned = Backfill("AwaitingApproval", plan: Plan());
        session.Hub.Answer("POST /v1/backfills", planned).Answer($"GET /v1/backfills/{Session.Run}", planned);
        Assert.That(await session.CallAsync(["backfill", "plan", .. how, "--audience", "customers"]), Is.Zero, session.Error);
        Assert.That(session.Hub.Asked[0].Body, Does.Contain("\"destination\":\"braze\",\"destinations\":null").And.Contain("\"loud\":true"));
        Assert.That(session.Out, Does.Contain($"Let it pass with: backfill approve {Session.Run} --plan of-it"));
    }

    [Test]
    public async Task Should_show_how_far_it_is_how_fast_it_goes_and_when_it_is_done()
    {
        var session = new Session();
        session.Hub.Answer($"GET /v1/backfills/{Session.Run}", Backfill("Delivering", progress: """{"percent":40,"per_second":52.5,"done_at":"2026-11-27T14:20:00Z"}"""));
        Assert.That(await session.CallAsync("backfill", "show", Session.Run), Is.Zero, session.Error);
        Assert.That(session.Out, Does.Contain("████████████░░░░░░░░░░░░░░░░░░ 40 %, 52.5 a second, done about 2026-11-27 14:20 UTC"));
    }

    [Test]
    public async Task Should_watch_it_to_its_end_and_say_why_it_waits()
    {
        var session = new Session();
        session.Hub.Answer($"GET /v1/backfills/{Session.Run}", Backfill("Delivering", waitingFor: "\"Window opens at 2026-11-27 19:00:00Z\""))
            .Answer($"GET /v1/backfills/{Session.Run}", Backfill("CompletedWithIssues"));
        Assert.That(await session.CallAsync("backfill", "show", Session.Run, "--watch"), Is.EqualTo(1), session.Error);
        Assert.That(session.Out, Does.Contain("Window opens at 2026-11-27 19:00:00Z").And.Contain("CompletedWithIssues"));
    }

    [Test]
    public async Task Should_start_what_needs_no_approval_and_say_where_one_is_needed()
    {
        var session = new Session();
        session.Hub.Answer($"POST /v1/backfills/{Session.Run}/start", Backfill("AwaitingApproval"));
        Assert.That(await session.CallAsync("backfill", "start", Session.Run, "--reason", "three people"), Is.Zero, session.Error);
        Assert.That((session.Hub.Asked[0].Body, session.Out.Contains($"Asked to start run {Session.Run}", StringComparison.Ordinal)), Is.EqualTo(("""{"expected_version":null,"reason":"three people"}""", true)), session.Out);
    }

    [Test]
    public async Task Should_roll_back_with_terms_of_its_own()
    {
        var session = new Session();
        var planned = Backfill("AwaitingApproval", plan: Plan());
        session.Hub.Answer($"POST /v1/backfills/{Other}/rollback", planned).Answer($"GET /v1/backfills/{Session.Run}", planned);
        Assert.That(await session.CallAsync("backfill", "rollback", Other, "--rate", "10/s"), Is.Zero, session.Error);
        Assert.That(session.Hub.Asked[0].Body, Is.EqualTo("""{"windows":null,"rate":"10/s","reason":null}"""));
    }

    private static string Together(params string[] runs) => $$"""{"group_id":"{{Group}}","plan_hash":"all-of-them","runs":[{{string.Join(',', runs)}}]}""";

    private static string Backfill(string state, string id = Session.Run, string plan = "null", string progress = "null", string waitingFor = "null") =>
        $$"""
        {"run":{{Session.RunJson(state, pending: 6, id: id).Replace("\"waiting_for\":null", $"\"waiting_for\":{waitingFor}", StringComparison.Ordinal)}},"requested_by":"person:anna","plan_hash":{{(plan == "null" ? "null" : "\"of-it\"")}},
        "plan":{{plan}},"progress":{{progress}},"windows":[],"loud":false}
        """;

    private static string Plan() =>
        """
        {"to_write":180000,"may_create":0,"outcomes":[{"outcome":"pending","code":null,"count":180000}],"calls":{"read":1800,"write":1800,"read_back":1800},"seconds":3600,"limited_by":"rate","done_at":"2026-11-28T05:00:00Z",
        "samples":[{"person":"c-1***","fields":["country"]}],"cannot_be_taken_back":["What the vendor did."],"automation":["Workflows start."],
        "scope":{"kind":"attributes","audience":"customers","rate":"50/s","windows":["Mon-Fri 20:00-06:00 Europe/Berlin"],"loud":false}}
        """;
}
