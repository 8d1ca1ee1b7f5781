using System.Net;
using System.Text.Json;
using IntegrationHub.Hub.Cli;
using IntegrationHub.Hub.Runs;
using Microsoft.Extensions.Time.Testing;

namespace Hub.Tests.Cli;

/// <summary>How fast a run goes, how long it takes, where it is seen, and what becomes of a watch that the hub cannot answer at once.</summary>
public sealed class When_a_run_is_watched
{
    private readonly FakeTimeProvider _clock = new();

    [Test]
    public void Should_tell_how_fast_it_goes_and_how_long_it_takes()
    {
        var pace = new RunPace(_clock);
        Assert.That(pace.Look([Run(1_000)]), Is.Empty, "one look tells nothing");
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.That(pace.Look([Run(900)])[Id], Is.EqualTo("20 a second, 45 s left"));
        _clock.Advance(TimeSpan.FromSeconds(15));
        pace.Look([Run(870)]);
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.That(pace.Look([Run(860)])[Id], Is.EqualTo("2 a second, 8 min left"), "of the last seconds, not of the begin");
        _clock.Advance(TimeSpan.FromSeconds(60));
        pace.Look([Run(860)]);
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.That(pace.Look([Run(860)]), Is.Empty, "what stands still has no pace");
    }

    [Test]
    public async Task Should_say_it_in_plain_lines_too()
    {
        using var said = new StringWriter();
        await using (var screen = new RunScreen(new Terminal { Out = said, Error = TextWriter.Null }, json: false))
        {
            screen.Report(new RunProgress(null, [Run(500)]) { Pace = new Dictionary<Guid, string> { [Id] = "20 a second, 25 s left" } });
        }

        Assert.That(said.ToString().Trim(), Is.EqualTo("braze: Delivering, 500 of 1,000 settled (50 %), 20 a second, 25 s left"));
    }

    [TestCase("start")]
    [TestCase("show")]
    public async Task Should_name_the_page_of_the_console(string verb)
    {
        var session = new Session();
        session.Hub.Answer("POST /v1/audience-syncs", $$"""{"runs":[{{Session.RunJson("Requested", planned: 0)}}]}""", HttpStatusCode.Accepted).Answer($"GET /v1/runs/{Session.Run}", Session.RunJson());
        Assert.That(await session.CallAsync("sync", verb, verb == "start" ? "customers" : Session.Run, "--hub", "http://hub.internal:8080"), Is.Zero);
        Assert.That(session.Out, Does.Contain($"n the console: http://hub.internal:8080/runs/{Session.Run}"));
    }

    [TestCase(503, "urn:integrationhub:problem:read-over-budget", 1)]
    [TestCase(503, "urn:integrationhub:problem:reads-busy", 2)]
    [TestCase(429, "urn:integrationhub:problem:too-many-reads", 2)]
    public async Task Should_come_again_when_the_hub_asks_for_it(int status, string problem, int calls)
    {
        var hub = new Busy(status, $$"""{"type":"{{problem}}","detail":"Later."}""", Session.RunJson());
        using var client = new HubClient(new Terminal { Out = TextWriter.Null, Error = TextWriter.Null, Transport = hub, Variable = _ => null }, new Uri("http://hub.internal"));
        try
        {
            Assert.That((await client.GetAsync($"/v1/runs/{Session.Run}", CancellationToken.None)).GetProperty("state").GetString(), Is.EqualTo("Completed"));
        }
        catch (CommandLineException refused) when (calls == 1)
        {
            Assert.That(refused.Message, Does.Contain("Later."));
        }

        Assert.That(hub.Calls, Is.EqualTo(calls));
    }

    private static Guid Id => Guid.Parse(Session.Run);

    private static RunJson Run(long pending, string state = "Delivering") => JsonSerializer.Deserialize<RunJson>(Session.RunJson(state, planned: 1_000, pending: pending))!;

    /// <summary>Cannot answer at first, and asks for no time.</summary>
    private sealed class Busy(int status, string problem, string answer) : HttpMessageHandler
    {
        public int Calls { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var busy = ++Calls == 1;
            var response = new HttpResponseMessage(busy ? (HttpStatusCode)status : HttpStatusCode.OK) { Content = new StringContent(busy ? problem : answer) };
            if (busy)
            {
                response.Headers.RetryAfter = new System.Net.Http.Headers.RetryConditionHeaderValue(TimeSpan.Zero);
            }

            return Task.FromResult(response);
        }
    }
}
