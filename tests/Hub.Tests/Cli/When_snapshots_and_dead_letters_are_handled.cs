using System.Net;
using System.Text.Json;

namespace Hub.Tests.Cli;

public sealed class When_snapshots_and_dead_letters_are_handled
{
    private const string Letter =
        $$"""{"dead_letter_id":4711,"run_id":"{{Session.Run}}","destination":"hubspot","audience":"customers","profile_id":12,"operation":"add_member","outcome":"rejected","code":"hubspot_invalid_email","attempts":1,"at":"2026-01-02T03:04:05Z"}""";

    [Test]
    public async Task Should_tell_which_rows_were_rejected()
    {
        var session = new Session();
        session.Hub.Answer("POST /v1/audiences/customers/snapshots?kind=full", Snapshot(rejected: 2), HttpStatusCode.Created);

        var ended = await session.CallAsync("snapshots", "load", "customers", await FileAsync("members.ndjson"));

        Assert.Multiple(() =>
        {
            Assert.That(ended, Is.EqualTo(1));
            Assert.That(session.Hub.Asked.Single().Request.Content!.Headers.ContentType!.MediaType, Is.EqualTo("application/x-ndjson"));
            Assert.That(session.Out, Does.Contain("line 7, email: email_invalid, no domain").And.Contain("and 1 more"));
        });
    }

    [TestCase("missing.csv", "There is no file")]
    public async Task Should_refuse_a_file_it_cannot_send(string name, string because)
    {
        var session = new Session();
        var file = name.StartsWith("missing", StringComparison.Ordinal) ? name : await FileAsync(name);

        Assert.That(await session.CallAsync("snapshots", "load", "customers", file), Is.EqualTo(2));
        Assert.That(session.Error, Does.Contain(because));
    }

    [Test]
    public async Task Should_name_file_and_line_of_a_malformed_snapshot()
    {
        var session = new Session();
        session.Hub.Answer("POST /v1/audiences/customers/snapshots?kind=full", Session.Problem(400, "The quote is never closed. Close it.", ",\"file\":\"members.csv\",\"line\":3"), HttpStatusCode.BadRequest);

        var ended = await session.CallAsync("snapshots", "load", "customers", await FileAsync("members.csv"));

        Assert.That(ended, Is.EqualTo(2));
        Assert.That(session.Error, Does.Contain("members.csv:3: The quote is never closed."));
    }

    [Test]
    public async Task Should_list_dead_letters()
    {
        var session = new Session();
        session.Hub.Answer($"GET /v1/dead-letters?destination=hubspot&run_id={Session.Run}&after=5000&limit=10", Session.List(Letter));

        await session.CallAsync("deadletters", "list", "--destination", "hubspot", "--run", Session.Run, "--after", "5000", "--limit", "10");

        Assert.That(session.Out, Does.Contain("4711").And.Contain("hubspot_invalid_email"));
    }

    [Test]
    public async Task Should_show_a_dead_letter_as_one_value()
    {
        var session = new Session();
        session.Hub.Answer("GET /v1/dead-letters/4711", Letter);

        await session.CallAsync("deadletters", "show", "4711", "--json");

        using var value = JsonDocument.Parse(session.Out);
        Assert.That(value.RootElement.GetProperty("code").GetString(), Is.EqualTo("hubspot_invalid_email"));
    }

    private static async Task<string> FileAsync(string name)
    {
        var file = Path.Combine(TestContext.CurrentContext.WorkDirectory, name);
        await File.WriteAllTextAsync(file, "email\n");
        return file;
    }

    private static string Snapshot(int rejected) =>
        $$"""{"snapshot_id":"{{Session.Run}}","audience":"customers","kind":"full","state":"loaded","rows":9,"accepted":7,"rejected":{{rejected}},"duplicates":0,"rejects":[{"line":7,"field":"email","code":"email_invalid","problem":"no domain"}]}""";
}
