using System.Net;
using System.Text.Json;

namespace Hub.Tests.Cli;

/// <summary>What a container engine runs instead of a shell: 0 or 1, whatever happens, since 2 is the engine's own.</summary>
public sealed class When_health_is_asked_for
{
    private const string Ready = "GET /healthz/ready";

    [Test]
    public async Task Should_end_well_when_the_hub_is_ready()
    {
        var session = new Session();
        session.Hub.Answer(Ready, "ready");
        Assert.That((await session.CallAsync("health"), session.Out.Trim()), Is.EqualTo((0, "ready")));
    }

    [Test]
    public async Task Should_say_what_does_not_answer()
    {
        var session = new Session();
        session.Hub.Answer(Ready, "database does not answer", HttpStatusCode.ServiceUnavailable);
        Assert.That(await session.CallAsync("health", "--json"), Is.EqualTo(1));
        using var told = JsonDocument.Parse(session.Out);
        Assert.That(told.RootElement.GetProperty("ready").GetBoolean(), Is.False);
        Assert.That(told.RootElement.GetProperty("trouble").GetString(), Does.Contain("503").And.Contain("database does not answer"));
    }

    [Test]
    public async Task Should_end_with_one_when_nobody_is_there()
    {
        var session = new Session();
        Assert.That((await session.CallAsync("health"), session.Out), Is.EqualTo((1, "No hub answers at http://localhost:8080/ within 4 seconds.\n")));
    }

    /// <summary>In the container the hub is told where to listen, and whoever asks is not.</summary>
    [TestCase(null, "http://0.0.0.0:9090", "http://localhost:9090/healthz/ready")]
    [TestCase(null, "http://*:9090;http://*:9091", "http://localhost:9090/healthz/ready")]
    [TestCase("http://other:1234", "http://0.0.0.0:9090", "http://other:1234/healthz/ready")]
    [TestCase(null, null, "http://localhost:8080/healthz/ready")]
    public async Task Should_ask_the_hub_of_its_own_settings(string? named, string? urls, string asked)
    {
        var session = new Session();
        session.Hub.Answer(Ready, "ready");
        if (urls is not null)
        {
            session.Variables["Hub__Urls"] = urls;
        }

        Assert.That(await session.CallAsync(named is null ? ["health"] : ["health", "--hub", named]), Is.Zero);
        Assert.That(session.Hub.Asked.Single().Request.RequestUri!.ToString(), Is.EqualTo(asked));
    }
}
