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
        session.Hub.Answer("GET /v1/schedules", $"[{Nightly.Replace("BELLS", Overlapped, StringComparison.Ordinal)}]");
        Assert.That(await session.CallAsync("schedules", "list"), Is.Zero, session.Error);
        Assert.That(session.Out, Does.Contain("nightly").And.Contain("2026-11-28 01:30:00Z").And.Contain("overlapped 2026-11-27 01:30:00Z"));
    }

    [Test]
    public async Task Should_say_where_to_write_one_when_there_is_none()
    {
        var session = new Session();
        session.Hub.Answer("GET /v1/schedules", "[]");
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
