using System.Net;

namespace Hub.Tests.Cli;

/// <summary><c>keys</c>, <c>approvals</c> and <c>audit</c>.</summary>
public sealed class When_people_and_their_deeds_are_asked_for
{
    private const string Key =
        """{"key_id":"4fGh2kLmN8pQ","principal":"person:anna","roles":["operator"],"scopes":["runs:read","runs:write"],"state":"active","note":"laptop","created_at":"2026-11-27T01:30:00Z","created_by":"service:api-key","expires_at":null,"last_used_at":null,"revoked_at":null,"revoked_by":null}""";

    private const string Approval =
        """{"approval_id":"11111111-2222-3333-4444-555555555555","kind":"backfill","subject":"backfill:7","summary":"1,204 people","plan_hash":"abc","requested_by":"person:anna","requested_at":"2026-11-27T01:30:00Z","expires_at":"2026-12-04T01:30:00Z","needed":2,"missing":1,"four_eyes":true,"state":"waiting","ended_at":null,"decisions":[{"by":"person:kim","at":"2026-11-27T02:00:00Z","approves":true,"reason":"fine"}]}""";

    [Test]
    public async Task Should_show_a_new_key_once_with_what_it_may_do()
    {
        var session = new Session();
        session.Hub.Answer("POST /v1/keys", Key.Replace("\"revoked_by\":null", "\"revoked_by\":null,\"key\":\"hub_4fGh2kLmN8pQ_secret\"", StringComparison.Ordinal), HttpStatusCode.Created);
        Assert.That(await session.CallAsync("keys", "create", "person:anna", "--role", "operator", "--note", "laptop"), Is.Zero, session.Error);
        Assert.That(session.Hub.Asked.Single().Body, Does.Contain("\"principal\":\"person:anna\"").And.Contain("\"roles\":[\"operator\"]").And.Contain("\"scopes\":null"));
        Assert.That(session.Out, Does.Contain("hub_4fGh2kLmN8pQ_secret").And.Contain("shown once").And.Contain("runs:read, runs:write"));
    }

    [Test]
    public async Task Should_list_and_revoke_keys()
    {
        var session = new Session();
        session.Hub.Answer("GET /v1/keys?limit=100", Session.List(Key));
        Assert.That(await session.CallAsync("keys", "list"), Is.Zero, session.Error);
        Assert.That(session.Out, Does.Contain("4fGh2kLmN8pQ").And.Contain("never"));
        session.Hub.Answer("POST /v1/keys/4fGh2kLmN8pQ/revoke", Key.Replace("\"revoked_at\":null,\"revoked_by\":null", "\"revoked_at\":\"2026-11-28T00:00:00Z\",\"revoked_by\":\"person:kim\"", StringComparison.Ordinal));
        Assert.That(await session.CallAsync("keys", "revoke", "4fGh2kLmN8pQ", "--reason", "left"), Is.Zero, session.Error);
        Assert.That(session.Hub.Asked[^1].Body, Does.Contain("left"));
        Assert.That(session.Out, Does.Contain("revoked by person:kim"));
    }

    [Test]
    public async Task Should_disable_and_enable_people_and_list_them()
    {
        const string Anna = """{"principal":"person:anna","kind":"person","roles":["operator"],"disabled_at":"2026-11-28T00:00:00Z"}""";
        var session = new Session();
        session.Hub.Answer("POST /v1/principals/disable", Anna).Answer("POST /v1/principals/enable", Anna).Answer("GET /v1/principals?disabled=true&limit=100", Session.List(Anna));
        Assert.That(await session.CallAsync("keys", "disable", "person:anna", "--reason", "left"), Is.Zero, session.Error);
        Assert.That(session.Hub.Asked[^1].Body, Does.Contain("\"principal\":\"person:anna\"").And.Contain("left"));
        Assert.That(session.Out, Does.Contain("person:anna may do nothing any more"));
        Assert.That(await session.CallAsync("keys", "enable", "person:anna"), Is.Zero, session.Error);
        Assert.That(session.Out, Does.Contain("person:anna may do again"));
        Assert.That(await session.CallAsync("keys", "principals", "--disabled"), Is.Zero, session.Error);
        Assert.That(session.Out, Does.Contain("disabled 2026-11-28"));
    }

    [Test]
    public async Task Should_say_whom_the_hub_takes_one_for()
    {
        var session = new Session();
        session.Hub.Answer("GET /v1/caller", """{"principal":"local:kim","name":"kim","scopes":["runs:read"]}""");
        Assert.That(await session.CallAsync("keys", "whoami"), Is.Zero, session.Error);
        Assert.That(session.Out, Does.Contain("local:kim may: runs:read"));
    }

    [Test]
    public async Task Should_show_what_waits_and_decide_about_the_plan_that_was_seen()
    {
        var session = new Session();
        session.Hub.Answer("GET /v1/approvals?state=waiting&limit=100", Session.List(Approval)).Answer("GET /v1/approvals?limit=100", Session.List("", count: 0));
        Assert.That(await session.CallAsync("approvals", "list"), Is.Zero, session.Error);
        Assert.That(session.Out, Does.Contain("11111111"));
        Assert.That(await session.CallAsync("approvals", "list", "--state", "all"), Is.Zero, session.Error);
        Assert.That(session.Out, Does.Contain("There are no such approvals"));

        session.Hub.Answer($"POST /v1/approvals/{Session.Run}/approve", Approval);
        Assert.That(await session.CallAsync("approvals", "approve", Session.Run, "--plan", "abc", "--reason", "looked"), Is.Zero, session.Error);
        Assert.That(session.Hub.Asked[^1].Body, Does.Contain("\"plan_hash\":\"abc\"").And.Contain("looked"));
        Assert.That(session.Out, Does.Contain("1 of 2 still have to agree").And.Contain("approved by person:kim"));
        session.Hub.Answer($"POST /v1/approvals/{Session.Run}/refuse", Session.Problem(400, "Say in 'reason' why. In a terminal: --reason TEXT."), HttpStatusCode.BadRequest);
        Assert.That(await session.CallAsync("approvals", "refuse", Session.Run), Is.Not.Zero, "without a reason");
        Assert.That(session.Error, Does.Contain("--reason"));
    }

    /// <summary>Whoever sits at the terminal is shown what waits, agrees to that and says why; a script names both.</summary>
    [TestCase("y\nlooked at it\n", 0, "\"plan_hash\":\"abc\"")]
    [TestCase("n\n", 2, null)]
    public async Task Should_agree_to_the_plan_that_a_person_was_just_shown(string typed, int code, string? sent)
    {
        var session = new Session { Typed = typed };
        session.Hub.Answer($"GET /v1/approvals/{Session.Run}", Approval).Answer($"POST /v1/approvals/{Session.Run}/approve", Approval);
        Assert.That(await session.CallAsync("approvals", "approve", Session.Run), Is.EqualTo(code), session.Error);
        Assert.That(session.Out, Does.Contain("1,204 people").And.Contain("plan abc"));
        var said = string.Concat(session.Hub.Asked.Where(asked => asked.Call.StartsWith("POST", StringComparison.Ordinal)).Select(asked => asked.Body));
        Assert.That(said, sent is null ? Is.Empty : Does.Contain(sent).And.Contain("looked at it"));
    }

    [TestCase("""{"intact":true,"rows":7,"head_seq":7,"head_hash":"abc","broken_at":null,"problem":null}""", 0, "each as it was written")]
    [TestCase("""{"intact":false,"rows":2,"head_seq":7,"head_hash":"abc","broken_at":3,"problem":"The row is missing."}""", 3, "Row 3: The row is missing.")]
    public async Task Should_tell_by_the_exit_code_whether_the_audit_log_is_intact(string answer, int exitCode, string says)
    {
        var session = new Session();
        session.Hub.Answer("GET /v1/audit/verify", answer);
        Assert.That(await session.CallAsync("audit", "verify"), Is.EqualTo(exitCode));
        Assert.That(session.Out, Does.Contain(says));
    }

    [Test]
    public async Task Should_list_what_was_done()
    {
        var session = new Session();
        session.Hub.Answer(
            "GET /v1/audit?principal=person%3Aanna&action=run.&limit=100",
            Session.List("""{"seq":3,"at":"2026-11-27T01:30:00Z","principal":"person:anna","role":"operator","via":"cli","action":"run.cancel","subject":"run:1","reason":"wrong list","before_hash":null,"after_hash":null,"prev_hash":"a","hash":"b"}"""));
        Assert.That(await session.CallAsync("audit", "list", "--principal", "person:anna", "--action", "run."), Is.Zero, session.Error);
        Assert.That(session.Out, Does.Contain("person:anna (cli, operator)  run.cancel  run:1: wrong list"));
    }

    [Test]
    public async Task Should_send_why_what_was_seen_and_a_key_that_makes_a_repeat_harmless()
    {
        var session = new Session();
        session.Hub.Answer($"POST /v1/runs/{Session.Run}/cancel", Session.RunJson(), HttpStatusCode.Accepted);
        for (var i = 0; i < 2; i++)
        {
            Assert.That(await session.CallAsync("sync", "cancel", Session.Run, "--reason", "wrong list", "--expected-version", "v1"), Is.Zero, session.Error);
        }

        Assert.That(session.Hub.Asked[0].Body, Does.Contain("\"reason\":\"wrong list\"").And.Contain("\"expected_version\":\"v1\""));
        var keys = session.Hub.Asked.Select(asked => asked.Request.Headers.GetValues("Idempotency-Key").Single()).ToList();
        Assert.That(keys.Distinct().Count(), Is.EqualTo(2), "each call is one of its own");
    }
}
