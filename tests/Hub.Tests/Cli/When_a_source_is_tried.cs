using System.Text.Json;
using Hub.Tests.Configuration;

namespace Hub.Tests.Cli;

public sealed class When_a_source_is_tried
{
    private ConfigurationFixture _fixture = null!;

    [SetUp]
    public void Configure()
    {
        _fixture = new ConfigurationFixture();
        Directory.CreateDirectory(Path.Combine(_fixture.Folder, "sources"));
        _fixture.Write("sources/secret", "s3cret").Write("sources/web.yaml", "dialect: segment\nsignature: { scheme: segment, secret: { file: sources/secret } }\n")
            .Write("sources/census.yaml", "dialect: census\nsignature: { scheme: bearer, secret: { file: sources/secret } }\n");
    }

    [TearDown]
    public void Delete() => _fixture.Dispose();

    [Test]
    public async Task Should_list_where_each_source_calls()
    {
        var session = new Session();
        Assert.That(await session.CallAsync("sources", "list", $"--Hub:ConfigPath={_fixture.Folder}", "--json"), Is.Zero, session.Error);
        Assert.That(JsonElement.Parse(session.Out).EnumerateArray().Select(source => source.GetProperty("path").GetString()), Is.EqualTo(new[] { "/v1/sources/census/census", "/v1/webhooks/web" }));
        Assert.That(session.Out, Does.Not.Contain("s3cret"));
    }

    [Test]
    public async Task Should_show_what_would_come_of_a_call()
    {
        _fixture.Write("call.json", """[{"type":"identify","userId":"u","messageId":"m","timestamp":"2026-11-01T00:00:00Z"},{"type":"page"},{"type":"teleport"}]""");
        var session = new Session();
        Assert.That(await TryAsync(session, "web"), Is.EqualTo(1), "something would be set aside");
        Assert.That(session.Out, Does.Contain("profile_updated: {").And.Contain("set aside: type is no type of call").And.Contain("1 deliberately nothing: page_viewed"));
        var json = new Session();
        await TryAsync(json, "web", "--json");
        Assert.That(JsonElement.Parse(json.Out).GetProperty("facts")[0].GetProperty("fact").GetProperty("producer").GetString(), Is.EqualTo("web"));
    }

    [TestCase("wbe", "Did you mean web?")]
    [TestCase("census", "Known: census, web")]
    public async Task Should_say_which_sources_there_are(string name, string hint)
    {
        var session = new Session();
        Assert.That(await TryAsync(session, name), Is.EqualTo(2));
        Assert.That(session.Error, Does.Contain(hint));
    }

    private Task<int> TryAsync(Session session, string name, params string[] more) =>
        session.CallAsync(["sources", "test", name, Path.Combine(_fixture.Folder, "call.json"), $"--Hub:ConfigPath={_fixture.Folder}", .. more]);
}
