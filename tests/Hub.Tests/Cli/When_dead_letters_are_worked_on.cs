using System.Text.Json;

namespace Hub.Tests.Cli;

/// <summary>First the count is shown; with that count it is done.</summary>
public sealed class When_dead_letters_are_worked_on
{
    private const string Replay = "\"kind\":\"replay\",\"destination\":\"hubspot\",\"operation\":\"add_member\",\"code\":\"list_full\",\"run_id\":null,\"ids\":null,\"by\":\"person:anna\",\"reason\":null,\"requested_at\":\"2026-01-02T03:04:05Z\",\"stopped_by\":null,\"confirmed\":1201,\"frozen\":1201";

    [Test]
    public async Task Should_show_how_many_there_are_and_do_nothing()
    {
        var session = new Session();
        session.Hub.Answer("POST /v1/dead-letters/replay", """{"expected":1201,"ambiguous":3}""");
        Assert.That(await session.CallAsync("deadletters", "replay", "--destination", "hubspot", "--code", "list_full"), Is.Zero);
        Assert.That(session.Out, Does.Contain("1,201 letters. Nothing was done; add --expected 1201").And.Contain("3 of them may have arrived"));
    }

    [Test]
    public async Task Should_watch_a_replay_to_its_end_and_say_what_came_of_it()
    {
        var session = new Session();
        session.Hub.Answer("POST /v1/dead-letters/replay", $$"""{"action_id":7,"state":"running",{{Replay}},"finished_at":null,"done":0,"results":[]}""");
        session.Hub.Answer("GET /v1/dead-letters/actions/7", $$"""{"action_id":7,"state":"done",{{Replay}},"finished_at":"2026-01-02T03:05:05Z","done":1201,"results":[{"status":"delivered","code":null,"count":1200},{"status":"came_back","code":"list_full","count":1}]}""");
        Assert.That(await session.CallAsync("deadletters", "replay", "--destination", "hubspot", "--code", "list_full", "--expected", "1201", "--wait"), Is.EqualTo(1), "one came back");
        Assert.That(session.Out, Does.Contain("1,201 of 1,201 = 1,200 delivered, 1 came_back (list_full)"));
    }

    [Test]
    public async Task Should_tell_groups_with_their_cause()
    {
        var session = new Session();
        session.Hub.Answer("GET /v1/dead-letters/groups?destination=hubspot", Session.List("""{"destination":"hubspot","operation":"add_member","code":"list_full","waiting":3,"counts":{"open":2,"came_back":1,"delivered":0},"first_at":"2026-01-02T03:04:05Z","last_at":"2026-01-02T03:04:05Z","days":[0,0,0,0,0,0,3],"cause":{"is_over":true,"why":"It took others."},"last_action":null}"""));
        await session.CallAsync("deadletters", "groups", "--destination", "hubspot");
        Assert.That(session.Out, Does.Contain("hubspot  add_member  list_full: 2 open, 1 came_back").And.Contain("Cause over: yes. It took others.").And.Contain("0 0 0 0 0 0 3"));
    }

    [Test]
    public async Task Should_let_the_hub_ask_the_vendor_and_say_what_it_waits_for()
    {
        var session = new Session();
        session.Hub.Answer("POST /v1/dead-letters/settle", $$"""{"action_id":8,"state":"running",{{Replay}},"finished_at":null,"done":0,"results":[],"waiting_for":"hubspot could not be asked."}""");
        Assert.That(await session.CallAsync("deadletters", "settle", "--destination", "hubspot", "--by-vendor", "--expected", "3"), Is.Zero);
        Assert.That(session.Hub.Asked.Single().Body, Does.Contain("\"by_vendor\":true").And.Contain("\"as\":null"));
        Assert.That(session.Out, Does.Contain("(hubspot could not be asked.)"));
    }

    [Test]
    public async Task Should_put_one_value_on_the_output()
    {
        var session = new Session();
        session.Hub.Answer("GET /v1/dead-letters/actions/7", $$"""{"action_id":7,"state":"done",{{Replay}},"finished_at":"2026-01-02T03:05:05Z","done":1201,"results":[]}""");
        await session.CallAsync("deadletters", "actions", "7", "--json");
        Assert.That(JsonDocument.Parse(session.Out).RootElement.GetProperty("action_id").GetInt32(), Is.EqualTo(7));
    }
}
