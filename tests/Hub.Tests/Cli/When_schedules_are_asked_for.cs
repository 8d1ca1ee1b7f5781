using System.Net;

namespace Hub.Tests.Cli;

public sealed class When_schedules_are_asked_for
{
    private const string Nightly =
        """{"name":"nightly","what":"sync","audience":"customers","destinations":["braze","hubspot"],"mode":"full","cron":"0 30 2 * * ?","time_zone":"Europe/Berlin","missed":"skip","next_at":"2026-11-28T01:30:00+00:00","overdue_since":null,"bells":[BELLS]}""";

    private const string Overlapped =
        """{"due_at":"2026-11-27T01:30:00+00:00","at":"2026-11-27T01:30:00+00:00","outcome":"overlapped","code":"run-active","detail":"Run 1 is not over.","run_ids":[],"instance":"hub-1"}""";

    [Test]
    public async Task Should_list_them_with_the_last_bell_and_the_next()
    {
        var session = new Session();
        session.Hub.Answer("GET /v1/schedules", Session.List(Nightly.Replace("BELLS", Overlapped, StringComparison.Ordinal)));
        Assert.That(await session.CallAsync("schedules", "list"), Is.Zero, session.Error);
        Assert.That(session.Out, Does.Contain("nightly").And.Contain("2026-11-28 01:30:00Z").And.Contain("overlapped 2026-11-27 01:30:00Z"));
    }

    [Test]
    public async Task Should_mark_those_of_the_hub_and_tell_result_time_and_missed_bells()
    {
        const string Done =
            """{"due_at":"2026-11-27T00:20:00+00:00","at":"2026-11-27T00:20:00+00:00","outcome":"done","code":null,"detail":"7 rows were kept long enough and are deleted.","run_ids":[],"instance":"hub-1","attempts":1,"began_at":"2026-11-27T00:20:00+00:00","seconds":2.5}""";
        const string Own =
            $$"""{"name":"hub.retention","what":"job","own":true,"description":"Deletes what was kept long enough.","audience":null,"destinations":[],"mode":null,"cron":"0 20 0 * * ?","time_zone":"UTC","missed":"once","next_at":"2026-11-28T00:20:00+00:00","overdue_since":null,"missed_bells":3,"bells":[{{Done}}]}""";
        var session = new Session();
        session.Hub.Answer("GET /v1/schedules", Session.List(Own));
        Assert.That(await session.CallAsync("schedules", "list"), Is.Zero, session.Error);
        Assert.That(session.Out, Does.Contain("hub.retention").And.Contain("the hub's own").And.Contain("done 2026-11-27 00:20:00Z, 2.5 s, 3 missed"));
        session.Hub.Answer("GET /v1/schedules/hub.retention", Own);
        Assert.That(await session.CallAsync("schedules", "show", "hub.retention"), Is.Zero, session.Error);
        Assert.That(session.Out, Does.Contain("hub.retention: Deletes what was kept long enough.").And.Contain("3 missed in 30 days").And.Contain("done: 7 rows were kept long enough and are deleted. (2.5 s)"));
    }

    [Test]
    public async Task Should_say_where_to_write_one_when_there_is_none()
    {
        var session = new Session();
        session.Hub.Answer("GET /v1/schedules", Session.List("", count: 0));
        Assert.That(await session.CallAsync("schedules", "list"), Is.Zero, session.Error);
        Assert.That(session.Out, Does.Contain("schedules.yaml"));
    }

    [Test]
    public async Task Should_show_why_a_bell_started_nothing_and_that_it_is_overdue()
    {
        var session = new Session();
        session.Hub.Answer("GET /v1/schedules/nightly", Nightly.Replace("BELLS", Overlapped, StringComparison.Ordinal).Replace("\"overdue_since\":null", "\"overdue_since\":\"2026-11-27T01:30:00+00:00\"", StringComparison.Ordinal));
        Assert.That(await session.CallAsync("schedules", "show", "nightly"), Is.Zero, session.Error);
        Assert.That(session.Out, Does.Contain("overlapped (run-active): Run 1 is not over.").And.Contain("Overdue since 2026-11-27 01:30:00Z"));
    }

    [Test]
    public async Task Should_ring_one_now_or_say_why_not()
    {
        var session = new Session();
        session.Hub.Answer("POST /v1/schedules/nightly/ring", """{"due_at":"2026-11-27T01:30:00+00:00","at":"2026-11-27T01:30:00+00:00","outcome":"started","code":null,"detail":null,"run_ids":["0197f1b2-7a3c-7d55-9a10-3f2f8c1d4e5a"],"instance":"hub-1"}""", HttpStatusCode.Accepted);
        Assert.That(await session.CallAsync("schedules", "ring", "nightly"), Is.Zero, session.Error);
        Assert.That(session.Out, Does.Contain("started: runs 0197f1b2-7a3c-7d55-9a10-3f2f8c1d4e5a"));
        session.Hub.Answer("POST /v1/schedules/weekly/ring", """{"type":"urn:integrationhub:problem:run-active","title":"Conflict","status":409,"detail":"Run 1 is not over."}""", HttpStatusCode.Conflict);
        Assert.That(await session.CallAsync("schedules", "ring", "weekly"), Is.Not.Zero);
        Assert.That(session.Error, Does.Contain("Run 1 is not over."));
    }
}
