namespace Hub.Tests.Cli;

public sealed class When_people_are_looked_at
{
    private const string Stand = """{"key":"email:k…rg","state":"contested","person":null,"candidates":["external_id:c-17","external_id:c-18"]}""";

    [Test]
    public async Task Should_show_whose_a_key_is()
    {
        var session = new Session();
        session.Hub.Answer(
            "POST /v1/identities/show",
            $$"""
            {"asked":{{Stand}},"keys":[{{Stand}},{"key":"external_id:c-17","state":"held","person":"external_id:c-17","candidates":[]}],
             "claims":[{"a":"external_id:c-17","b":"email:k…rg","first":"2026-03-01","last":"2026-03-02"}],
             "decisions":[{"verdict":"block","keys":["email:k…rg"],"at":"2026-03-01T10:00:00Z","by":"cli: kim","reason":"shared"}],
             "profiles":[{"profile_id":4,"shown_by":3,"attributes":2,"consents":[{"purpose":"email_marketing","status":"denied","decided_at":"2026-03-01T10:00:00Z","source":"form","expires_at":null,"has_evidence":false}]}],
             "parts":[],"destinations":[{"destination":"braze","profile_id":4,"confirmed_at":null,"audiences":["vip"]}]}
            """);
        Assert.That(await session.CallAsync("identity", "show", "kim@example.org", "--reveal", "--reason", "ticket 4"), Is.Zero, session.Error);
        Assert.That(session.Hub.Asked[0].Body, Is.EqualTo("""{"key":"kim@example.org","reveal":true,"reason":"ticket 4"}"""));
        Assert.That(session.Out, Does.Contain("contested by external_id:c-17, external_id:c-18").And.Contain("profile 4, shown by 3: 2 attributes; email_marketing denied").And.Contain("braze holds profile 4, member of vip")
            .And.Contain("stated together: external_id:c-17 and email:k…rg, 2026-03-01 to 2026-03-02").And.Contain("decided: block email:k…rg").And.Contain("by cli: kim: shared"));
    }

    [Test]
    public async Task Should_list_what_is_to_be_decided()
    {
        var session = new Session();
        session.Hub.Answer(
            "GET /v1/identities/proposals?kind=merge&limit=5",
            """{"counts":{"email":3,"merge":1},"next":null,"count":1,"count_capped":false,"items":[{"kind":"merge","keys":["external_id:c…17","external_id:c…18"],"producer":"crm","occurred_at":"2026-03-01T10:00:00Z","next_step":"Do this."}]}""");
        Assert.That(await session.CallAsync("identity", "propose", "--kind", "merge", "--limit", "5"), Is.Zero, session.Error);
        Assert.That(session.Out, Does.Contain("To decide: 3 email, 1 merge").And.Contain("merge: external_id:c…17, external_id:c…18, says crm").And.Contain("Do this."));
    }

    [Test]
    public async Task Should_tell_how_well_destinations_know_people()
    {
        var session = new Session();
        session.Hub.Answer(
            "GET /v1/identities/matches?audience=vip",
            Session.List("""{"audience":"vip","destination":"braze","known_by":"email","people":4,"without_key":1,"sharing_key":2,"held":3,"held_as_one":0,"members":3,"match_rate":0.75}"""));
        Assert.That(await session.CallAsync("identity", "matches", "--audience", "vip"), Is.Zero, session.Error);
        Assert.That(session.Out.ReplaceLineEndings(" "), Does.Contain("vip at braze: 3 of 4 held (75.0 %), 3 members; 1 without email, 2 share one, 0 have one record"));
    }

    [TestCase("block kim@example.org", "block", """{"key":"kim@example.org","person":null""")]
    [TestCase("assign kim@example.org --to c-17", "assign", """{"key":"kim@example.org","person":"c-17""")]
    [TestCase("merge c-17 c-18", "merge", """{"key":"external_id:c-17","person":"c-18""")]
    [TestCase("unmerge c-17 c-18", "unmerge", """{"key":"c-18","person":"c-17""")]
    public async Task Should_decide(string call, string word, string body)
    {
        var session = new Session();
        session.Hub.Answer($"POST /v1/identities/{word}", $$"""{"changed":true,"keys":[{{Stand}}],"replayed":3}""");
        Assert.That(await session.CallAsync(["identity", .. call.Split(' '), "--reason", "because", "--by", "kim"]), Is.Zero, session.Error);
        Assert.That(session.Hub.Asked[0].Body, Does.StartWith(body).And.EndsWith(""","reason":"because","by":"kim"}"""));
        Assert.That(session.Out, Does.Contain("Decided.").And.Contain("3 facts that had waited for it were taken in."));
    }
}
