using System.Net;
using System.Text.Json;

namespace Hub.Tests.Cli;

public sealed class When_facts_and_consents_are_sent
{
    [Test]
    public async Task Should_send_the_lines_of_a_file_and_name_those_that_were_set_aside_by_their_place_in_it()
    {
        var session = new Session();
        session.Hub.Answer("POST /v1/events", Answer(500)).Answer("POST /v1/events", Answer(1, wrong: 1));
        var file = await FileAsync("facts.ndjson", string.Concat(Enumerable.Repeat("{}\n\n", 502)));

        var ended = await session.CallAsync("events", "send", file);

        Assert.Multiple(() =>
        {
            Assert.That(ended, Is.EqualTo(1));
            Assert.That(session.Hub.Asked, Has.Count.EqualTo(2));
            Assert.That(session.Hub.Asked[0].Request.Content!.Headers.ContentType!.MediaType, Is.EqualTo("application/x-ndjson"));
            Assert.That(session.Out, Does.Contain("502 facts: 501 accepted, 0 known already, 1 quarantined").And.Contain("fact 502: payload.status must be granted or denied (consent_unknown)"));
        });
    }

    [Test]
    public async Task Should_send_one_JSON_value_as_it_is_and_show_what_became_of_it_as_JSON()
    {
        var session = new Session();
        session.Hub.Answer("POST /v1/events", Answer(2));

        var ended = await session.CallAsync("events", "send", await FileAsync("facts.json", "[{},{}]"), "--json");

        Assert.That(ended, Is.Zero);
        Assert.That(session.Hub.Asked.Single().Request.Content!.Headers.ContentType!.MediaType, Is.EqualTo("application/json"));
        Assert.That(JsonSerializer.Deserialize<JsonElement>(session.Out).GetProperty("accepted").GetInt32(), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_refuse_a_file_that_is_not_there() => Assert.That(await new Session().CallAsync("events", "send", "missing.ndjson"), Is.EqualTo(2));

    [Test]
    public async Task Should_list_what_was_taken_in_and_say_where_to_go_on()
    {
        var session = new Session();
        session.Hub.Answer("GET /v1/events?after=4&event_type=profile_updated&limit=100", LogAnswer(7, atEnd: false));

        Assert.That(await session.CallAsync("events", "list", "--after", "4", "--type", "profile_updated"), Is.Zero, session.Error);
        Assert.That(session.Out, Does.Contain("7  2026-01-02 03:04:05Z  profile_updated of shop").And.Contain("person 12").And.Contain("Go on with --after 7."));
    }

    [Test]
    public async Task Should_follow_the_log_from_where_each_part_ended()
    {
        var session = new Session();
        session.Hub.Answer("GET /v1/events?after=0&limit=100", LogAnswer(7, atEnd: false)).Answer("GET /v1/events?after=7&limit=100", LogAnswer(9, atEnd: false))
            .Answer("GET /v1/events?after=9&limit=100", "{}", HttpStatusCode.ServiceUnavailable);

        Assert.That(await session.CallAsync("events", "list", "--follow"), Is.EqualTo(3));
        Assert.That(session.Hub.Asked, Has.Count.EqualTo(3));
        Assert.That(await session.CallAsync("events", "list", "--follow", "--json"), Is.EqualTo(2), "one value and no end");
    }

    [Test]
    public async Task Should_load_opt_outs_and_tell_which_are_not_in_force()
    {
        var session = new Session();
        session.Hub.Answer(
            "POST /v1/consents?purpose=newsletter&status=denied&source=mailchimp%20export&email_column=Primary%20e-mail",
            """{"rows":3,"accepted":1,"duplicates":1,"rejected":1,"rejects":[{"line":4,"field":"email","code":"email_malformed","problem":"The field is no e-mail address."}]}""",
            HttpStatusCode.Accepted);

        var ended = await session.CallAsync(
            "consent", "load", await FileAsync("list.csv", "email\n"), "--purpose", "newsletter", "--status", "denied", "--source", "mailchimp export", "--email-column", "Primary e-mail");

        Assert.That(ended, Is.EqualTo(1), session.Error);
        Assert.That(session.Out, Does.Contain("3 rows: 1 in force, 1 known already, 1 rejected and not in force").And.Contain("line 4, email: email_malformed"));
    }

    [Test]
    public async Task Should_say_what_the_decisions_of_a_list_rest_on()
    {
        var session = new Session();
        session.Hub.Answer(
            "POST /v1/consents?purpose=newsletter&status=granted&source=fair&decided_at=2026-11-02&legal_basis=consent&evidence_method=paper_form&evidence_ref=folder%2012&notice=n&notice_version=3&notice_language=de",
            """{"rows":1,"accepted":1,"duplicates":0,"rejected":0,"rejects":[]}""", HttpStatusCode.Accepted);

        var ended = await session.CallAsync(
            "consent", "load", await FileAsync("list.csv", "email\n"), "--purpose", "newsletter", "--status", "granted", "--source", "fair", "--decided-at", "2026-11-02", "--legal-basis", "consent",
            "--evidence-method", "paper_form", "--evidence-ref", "folder 12", "--notice", "n", "--notice-version", "3", "--notice-language", "de");

        Assert.That(ended, Is.Zero, session.Error);
    }

    [Test]
    public async Task Should_ask_where_a_list_comes_from()
    {
        var session = new Session();

        Assert.That(await session.CallAsync("consent", "load", "list.csv"), Is.EqualTo(2));
        Assert.That(session.Error, Does.Contain("--source"));
    }

    private static string LogAnswer(long position, bool atEnd) =>
        $$"""
        {"items":[{"position":{{position}},"event_id":"3a00431c-fb7a-58a2-baba-974477f91d63","event_type":"profile_updated","schema_version":1,"occurred_at":"2026-01-02T03:04:05Z",
        "received_at":"2026-01-02T03:04:06Z","producer":"shop","profile_id":12,"fact":{} }],"next":{{position}},"at_end":{{JsonSerializer.Serialize(atEnd)}}}
        """;

    private static string Answer(int accepted, int wrong = 0)
    {
        var results = Enumerable.Range(0, accepted).Select(i => $$"""{"index":{{i}},"event_id":null,"status":"accepted"}""")
            .Concat(Enumerable.Range(accepted, wrong).Select(i => $$"""{"index":{{i}},"event_id":null,"status":"quarantined","path":"payload.status","code":"consent_unknown","problem":"must be granted or denied"}"""));
        return $$"""{"accepted":{{accepted}},"duplicates":0,"quarantined":{{wrong}},"results":[{{string.Join(',', results)}}]}""";
    }

    private static async Task<string> FileAsync(string name, string text)
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("hub-cli-").FullName, name);
        await File.WriteAllTextAsync(file, text);
        return file;
    }
}
