namespace Hub.Tests.Cli;

public sealed class When_people_are_looked_at
{
    private const string Stand = """{"key":"email:k…rg","state":"contested","person":null,"candidates":["external_id:c-17","external_id:c-18"]}""";

    [Test]
    public async Task Should_show_whose_a_key_is()
    {
        var session = new Session();
        session.Hub.Answer(
            "POST /v1/identity/show",
            $$"""
            {"asked":{{Stand}},"keys":[{{Stand}},{"key":"external_id:c-17","state":"held","person":"external_id:c-17","candidates":[]}],
             "claims":[{"a":"external_id:c-17","b":"email:k…rg","first":"2026-03-01","last":"2026-03-02"}],
             "decisions":[{"verdict":"block","keys":["email:k…rg"],"at":"2026-03-01T10:00:00Z","by":"cli: kim","reason":"shared"}],
             "profiles":[{"profile_id":4,"shown_by":3,"attributes":2,"consents":[{"purpose":"email_marketing","status":"denied","decided_at":"2026-03-01T10:00:00Z","source":"form","expires_at":null,"has_evidence":false}]}],
             "parts":[],"destinations":[{"destination":"braze","profile_id":4,"confirmed_at":null,"audiences":["vip"]}]}
            """);
        Assert.That(await session.CallAsync("identity", "show", "kim@example.org", "--reveal"), Is.Zero, session.Error);
        Assert.That(session.Hub.Asked[0].Body, Is.EqualTo("""{"key":"kim@example.org","reveal":true}"""));
        Assert.That(session.Out, Does.Contain("contested by external_id:c-17, external_id:c-18").And.Contain("profile 4, shown by 3: 2 attributes; email_marketing denied").And.Contain("braze holds profile 4, member of vip")
            .And.Contain("stated together: external_id:c-17 and email:k…rg, 2026-03-01 to 2026-03-02").And.Contain("decided: block email:k…rg").And.Contain("by cli: kim: shared"));
    }

    [TestCase("block kim@example.org", "block", """{"key":"kim@example.org","person":null""")]
    [TestCase("assign kim@example.org --to c-17", "assign", """{"key":"kim@example.org","person":"c-17""")]
    [TestCase("merge c-17 c-18", "merge", """{"key":"external_id:c-17","person":"c-18""")]
    [TestCase("unmerge c-17 c-18", "unmerge", """{"key":"c-18","person":"c-17""")]
    public async Task Should_decide(string call, string word, string body)
    {
        var session = new Session();
        session.Hub.Answer($"POST /v1/identity/{word}", $$"""{"changed":true,"keys":[{{Stand}}],"replayed":3}""");
        Assert.That(await session.CallAsync(["identity", .. call.Split(' '), "--reason", "because", "--by", "kim"]), Is.Zero, session.Error);
        Assert.That(session.Hub.Asked[0].Body, Does.StartWith(body).And.EndsWith(""","reason":"because","by":"kim"}"""));
        Assert.That(session.Out, Does.Contain("Decided.").And.Contain("3 facts that had waited for it were taken in."));
    }
}
