using System.Net;
using System.Text.Json;

namespace Hub.Tests.Cli;

public sealed class When_runs_are_steered_from_the_terminal
{
    [Test]
    public async Task Should_start_runs_and_tell_their_ids()
    {
        var session = new Session();
        session.Hub.Answer("POST /v1/audience-syncs", $$"""{"runs":[{{Session.RunJson("Requested", planned: 0)}}]}""", HttpStatusCode.Accepted);

        var ended = await session.CallAsync("sync", "start", "customers", "--destination", "braze", "--mode", "delta");

        using var sent = JsonDocument.Parse(session.Hub.Asked.Single().Body);
        Assert.Multiple(() =>
        {
            Assert.That(ended, Is.Zero);
            Assert.That(sent.RootElement.GetProperty("audience").GetString(), Is.EqualTo("customers"));
            Assert.That(sent.RootElement.GetProperty("destinations")[0].GetString(), Is.EqualTo("braze"));
            Assert.That(sent.RootElement.GetProperty("mode").GetString(), Is.EqualTo("delta"));
            Assert.That(session.Out, Does.Contain($"sync watch {Session.Run}"));
        });
    }

    [Test]
    public async Task Should_load_a_snapshot_first_and_apply_it()
    {
        var file = Path.Combine(TestContext.CurrentContext.WorkDirectory, "Kundé.csv");
        await File.WriteAllTextAsync(file, "email\nsample@example.com\n");
        var session = new Session();
        session.Hub
            .Answer("POST /v1/audiences/customers/snapshots?kind=delta", $$"""{"snapshot_id":"{{Session.Run}}","audience":"customers","kind":"delta","state":"loaded","rows":1,"accepted":1,"rejected":0,"duplicates":0,"rejects":[]}""", HttpStatusCode.Created)
            .Answer("POST /v1/audience-syncs", $$"""{"runs":[{{Session.RunJson("Requested")}}]}""", HttpStatusCode.Accepted);

        await session.CallAsync("sync", "start", "customers", "--snapshot", file, "--delta");

        Assert.Multiple(() =>
        {
            Assert.That(session.Hub.Asked[0].Body, Is.EqualTo("email\nsample@example.com\n"));
            Assert.That(session.Hub.Asked[0].Request.Headers.GetValues("X-File-Name").Single(), Is.EqualTo("Kund%C3%A9.csv"));
            Assert.That(session.Hub.Asked[1].Body, Does.Contain(Session.Run));
        });
    }

    [TestCase("Completed", 0)]
    [TestCase("CompletedWithIssues", 1)]
    [TestCase("Canceled", 1)]
    [TestCase("Failed", 3)]
    public async Task Should_watch_a_run_to_its_end(string state, int expected)
    {
        var session = new Session();
        session.Hub
            .Answer($"GET /v1/runs/{Session.Run}", Session.RunJson("Delivering", pending: 7))
            .Answer($"GET /v1/runs/{Session.Run}", Session.RunJson(state));

        var ended = await session.CallAsync("sync", "watch", Session.Run, "--json");

        using var value = JsonDocument.Parse(session.Out);
        Assert.Multiple(() =>
        {
            Assert.That(ended, Is.EqualTo(expected));
            Assert.That(value.RootElement.GetProperty("runs")[0].GetProperty("state").GetString(), Is.EqualTo(state));
            Assert.That(session.Error, Does.Contain("braze: Delivering, 3 of 10 settled (30 %)"));
        });
    }

    [Test]
    public async Task Should_say_what_a_held_run_waits_for_and_give_up_in_time()
    {
        var session = new Session();
        session.Hub.Answer($"GET /v1/runs/{Session.Run}", Session.RunJson("AwaitingApproval", pending: 10));

        var ended = await session.CallAsync("sync", "watch", Session.Run, "--timeout", "0");

        Assert.Multiple(() =>
        {
            Assert.That(ended, Is.EqualTo(3));
            Assert.That(session.Out, Does.Contain($"sync approve {Session.Run}"));
            Assert.That(session.Error, Does.Contain("braze is AwaitingApproval"));
        });
    }

    [TestCase("approve")]
    [TestCase("pause")]
    [TestCase("resume")]
    [TestCase("cancel")]
    public async Task Should_ask_the_hub_to(string verb)
    {
        var session = new Session();
        session.Hub.Answer($"POST /v1/runs/{Session.Run}/{verb}", Session.RunJson("Delivering"), HttpStatusCode.Accepted);

        var ended = await session.CallAsync("sync", verb, Session.Run);

        Assert.That((ended, session.Hub.Calls), Is.EqualTo((0, $"POST /v1/runs/{Session.Run}/{verb}")));
    }

    [Test]
    public async Task Should_approve_the_run_that_a_person_was_just_shown()
    {
        var session = new Session { Typed = "y\nthey left\n" };
        session.Hub.Answer($"GET /v1/runs/{Session.Run}", Session.RunJson("AwaitingApproval", more: ""","version":"v7" """)).Answer($"POST /v1/runs/{Session.Run}/approve", Session.RunJson("Delivering"), HttpStatusCode.Accepted);
        Assert.That(await session.CallAsync("sync", "approve", Session.Run), Is.Zero, session.Error);
        Assert.That(session.Hub.Asked[^1].Body, Is.EqualTo("""{"expected_version":"v7","reason":"they left"}"""));
    }

    [Test]
    public async Task Should_list_and_show_runs()
    {
        var session = new Session();
        session.Hub
            .Answer("GET /v1/runs?state=Delivering&destination=braze&limit=5", Session.List(Session.RunJson("Delivering", pending: 3)))
            .Answer($"GET /v1/runs/{Session.Run}", Session.RunJson("Failed", more: ""","failure":{"code":"audience_unknown","detail":"Add the audience."},"stalled":null"""));

        await session.CallAsync("sync", "list", "--state", "Delivering", "--destination", "braze", "--limit", "5");
        await session.CallAsync("sync", "show", Session.Run);

        Assert.That(session.Out, Does.Contain(Session.Run).And.Contain("Delivering").And.Contain("audience_unknown: Add the audience."));
    }

    [Test]
    public async Task Should_put_a_list_on_standard_output_as_the_hub_said_it()
    {
        var session = new Session();
        session.Hub.Answer("GET /v1/runs?limit=20", Session.List(Session.RunJson(more: ""","told_by_a_later_hub":1""")));

        await session.CallAsync("sync", "list", "--json");

        using var value = JsonDocument.Parse(session.Out);
        Assert.That(value.RootElement.GetProperty("items")[0].GetProperty("told_by_a_later_hub").GetInt32(), Is.EqualTo(1), "what the hub said is passed on whole");
    }

    [TestCase("3", 3, null, "GET /v1/runs?limit=3|GET /v1/runs?after=two&limit=1")]
    [TestCase("0", 4, null, "GET /v1/runs?limit=1000|GET /v1/runs?after=two&limit=1000")]
    [TestCase("2", 2, "two", "GET /v1/runs?limit=2")]
    public async Task Should_go_from_page_to_page_until_there_is_as_much_as_was_asked_for(string limit, int shown, string? next, string calls)
    {
        var session = new Session();
        var asked = calls.Split('|');
        session.Hub.Answer(asked[0], Session.List($"{Session.RunJson(id: Guid.NewGuid().ToString())},{Session.RunJson(id: Guid.NewGuid().ToString())}", "two", 4));
        session.Hub.Answer(asked[^1], asked.Length == 1 ? Session.List($"{Session.RunJson()},{Session.RunJson()}", "two", 4) : Session.List(string.Join(',', Enumerable.Repeat(Session.RunJson(), shown - 2)), null, 4));

        await session.CallAsync("sync", "list", "--limit", limit, "--json");

        using var value = JsonDocument.Parse(session.Out);
        Assert.Multiple(() =>
        {
            Assert.That(session.Hub.Calls, Is.EqualTo(string.Join('\n', asked)));
            Assert.That(value.RootElement.GetProperty("items").GetArrayLength(), Is.EqualTo(shown));
            Assert.That(value.RootElement.GetProperty("next").GetString(), Is.EqualTo(next));
            Assert.That(value.RootElement.GetProperty("count").GetInt32(), Is.EqualTo(4));
        });
    }

    [Test]
    public async Task Should_say_where_a_list_goes_on()
    {
        var session = new Session();
        session.Hub.Answer("GET /v1/runs?after=one&limit=1", Session.List(Session.RunJson(), "two", 1204));

        await session.CallAsync("sync", "list", "--limit", "1", "--after", "one");

        Assert.That(session.Out, Does.Contain("1 of 1,204 are shown. Go on with --after two, or see all with --limit 0."));
    }

    [TestCase(404, 2)]
    [TestCase(400, 2)]
    [TestCase(409, 3)]
    [TestCase(500, 3)]
    public async Task Should_pass_on_what_the_hub_objects_to(int status, int expected)
    {
        var session = new Session();
        session.Hub.Answer($"POST /v1/runs/{Session.Run}/pause", Session.Problem(status, "Run 7 is over; it cannot be changed any more."), (HttpStatusCode)status);

        var ended = await session.CallAsync("sync", "pause", Session.Run);

        Assert.That(ended, Is.EqualTo(expected));
        Assert.That(session.Error, Does.Contain("Run 7 is over; it cannot be changed any more."));
    }

    [Test]
    public async Task Should_send_the_key_and_say_when_it_is_missing()
    {
        var session = new Session();
        session.Hub.Answer("GET /v1/runs?limit=20", Session.List("", count: 0));
        session.Variables["HUB_API_KEY"] = "sample-key";
        session.Variables["HUB_URL"] = "http://elsewhere:99";
        await session.CallAsync("sync", "list");
        var refused = new Session();
        refused.Hub.Answer("GET /v1/runs?limit=20", Session.Problem(401, "Send the API key."), HttpStatusCode.Unauthorized);

        var ended = await refused.CallAsync("sync", "list");

        Assert.Multiple(() =>
        {
            Assert.That(session.Hub.Asked[0].Request.Headers.Authorization!.ToString(), Is.EqualTo("Bearer sample-key"));
            Assert.That(session.Hub.Asked[0].Request.RequestUri!.Host, Is.EqualTo("elsewhere"));
            Assert.That(session.Out, Does.Contain("There are no such runs"));
            Assert.That(ended, Is.EqualTo(2));
            Assert.That(refused.Error, Does.Contain("HUB_API_KEY"));
        });
    }

    [Test]
    public async Task Should_say_so_when_something_else_answers()
    {
        var session = new Session();
        session.Hub.Answer("GET /v1/runs?limit=20", "<html>welcome</html>");

        var ended = await session.CallAsync("sync", "list");

        Assert.That(ended, Is.EqualTo(3));
        Assert.That(session.Error, Does.Contain("is not a hub"));
    }
}
