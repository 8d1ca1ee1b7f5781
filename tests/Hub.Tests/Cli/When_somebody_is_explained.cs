namespace Hub.Tests.Cli;

public sealed class When_somebody_is_explained
{
    private const string Denied = """{"result":"no","step":"consent","code":"consent_denied","destination":"hubspot","sentence":"NOT SENT to hubspot: consent email_marketing is denied.","fix":"Nothing."}""";
    private const string Yes = """{"result":"yes","step":"read_back","code":null,"destination":"braze","sentence":"IN braze: sent; read back.","fix":null}""";

    private static readonly string Told = $$"""
        {"found":true,"profile_id":48113,"key":"external_id:c…17","at":"2026-11-03T10:00:00Z","is_past":false,"headline":{{Denied}},
         "steps":[{{Step("facts", "yes")}},{{Step("identity", "yes")}}],
         "destinations":[{{Destination("braze", Yes, Step("audience", "yes"), Step("consent", "yes"))}},{{Destination("hubspot", Denied, Step("audience", "yes"), Step("consent", "no"), Step("policy", "yes", reached: false))}}],
         "tried":[],"not_known":["What a destination had then is not kept."]}
        """;

    [Test]
    public async Task Should_begin_with_the_first_no()
    {
        var session = new Session();
        session.Hub.Answer("POST /v1/profiles/explain", Told);
        Assert.That(await session.CallAsync("explain", "c-17"), Is.EqualTo(1), session.Error);
        Assert.That(session.Hub.Asked[0].Body, Does.StartWith("""{"key":"c-17","destination":null,"at":null,"live":false,"reveal":false"""));
        var lines = session.Out.Split('\n', StringSplitOptions.TrimEntries);
        Assert.That(lines[0], Is.EqualTo("NOT SENT to hubspot: consent email_marketing is denied. (consent_denied)"));
        Assert.That(lines[2], Is.EqualTo("Person 48113   external_id:c…17   braze ✓   hubspot ✕"));
        Assert.That(lines, Has.Member("✓ facts ─ ✓ identity ─ ✓ audience ─ ✕ CONSENT ─ · policy").And.Member("✓ facts ─ ✓ identity ─ ✓ audience ─ ✓ consent").And.Member("? What a destination had then is not kept."));
        Assert.That(session.Out, Does.Contain("add --destination hubspot").And.Contain("In the console: http://localhost:8080/people/48113"));
        Assert.That(lines.Select(line => line.Length), Is.All.LessThanOrEqualTo(140));
    }

    [Test]
    public async Task Should_show_what_a_step_rests_on_at_one_destination()
    {
        var session = new Session();
        session.Hub.Answer("POST /v1/profiles/explain", Told.Replace(Destination("braze", Yes, Step("audience", "yes"), Step("consent", "yes")) + ",", "", StringComparison.Ordinal));
        await session.CallAsync("explain", "c-17", "--destination", "hubspot", "--at", "2026-11-03T10:00Z", "--reveal", "--reason", "ticket 4");
        Assert.That(session.Hub.Asked[0].Body, Does.Contain("\"destination\":\"hubspot\"").And.Contain("2026-11-03T10:00:00+00:00").And.Contain("\"reveal\":true,\"reason\":\"ticket 4\""));
        Assert.That(session.Out, Does.Contain("policy, not reached, it would say: because.").And.Contain("rests: on this").And.Contain("field email -> mail: sent k…rg, until 2027-03-31").And.Contain("pending add_member vip in live"));
    }

    [Test]
    public async Task Should_say_what_was_looked_for()
    {
        var session = new Session();
        session.Hub.Answer(
            "POST /v1/profiles/explain",
            """
            {"found":false,"profile_id":null,"key":null,"at":"2026-11-03T10:00:00Z","is_past":false,"headline":{"result":"no","step":"identity","code":"nobody_known","destination":null,"sentence":"NOT SENT anywhere: nobody.","fix":null},
             "steps":[],"destinations":[],"tried":[{"kind":"external_id","key":"c-99"},{"kind":"crm_id","key":"c-99"}],"not_known":[]}
            """);
        Assert.That(await session.CallAsync("explain", "c-99"), Is.EqualTo(1));
        Assert.That(session.Out, Does.Contain("Looked for: external_id 'c-99', crm_id 'c-99'").And.Not.Contain("In the console"));
    }

    [Test]
    public async Task Should_take_no_time_that_is_none()
    {
        var session = new Session();
        Assert.That(await session.CallAsync("explain", "c-17", "--at", "yesterday"), Is.EqualTo(2));
        Assert.That(session.Error, Does.Contain("'yesterday' is no time"));
    }

    private static string Step(string name, string result, bool reached = true) =>
        $$"""{"step":"{{name}}","result":"{{result}}","reason":"because.","code":null,"fix":null,"reached":{{(reached ? "true" : "false")}},"inputs":[{"name":"rests","value":"on this"}],"version":null,"at":null}""";

    private static string Destination(string name, string headline, params string[] steps) => $$"""
        {"destination":"{{name}}","headline":{{headline}},"steps":[{{string.Join(",", steps)}}],"audiences":[],
         "fields":[{"source":"email","field":"mail","owner":"hub","classification":"personal","result":"sent","value":"k…rg","code":null,"until":"2027-03-31","at_vendor":null,"is_same":null}],
         "pending":[{"operation":"add_member","audience":"vip","lane":"live","run_id":null,"owed_since":"2026-11-03T10:00:00Z","due_at":"2026-11-03T10:00:00Z","attempts":0,"last_code":null}],"outcomes":[],"letters":[]}
        """;
}
