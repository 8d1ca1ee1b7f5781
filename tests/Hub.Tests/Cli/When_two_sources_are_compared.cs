namespace Hub.Tests.Cli;

public sealed class When_two_sources_are_compared
{
    private const string Numbers = """
        {"source":"cdp-b","of":"cdp-a","people":1200,"unknown":7,"attributes":[{"name":"tier","only_counting":3,"only_shadow":2,"different":41,"equal":1150}],
         "audiences":[{"name":"customers","only_counting":0,"only_shadow":1,"different":0,"equal":900}]}
        """;

    [Test]
    public async Task Should_tell_numbers_first()
    {
        var session = new Session();
        session.Hub.Answer("GET /v1/shadows/cdp-b", Numbers);
        Assert.That(await session.CallAsync("compare", "cdp-b"), Is.EqualTo(1), session.Error);
        Assert.That(session.Out, Does.Contain("cdp-b is compared with cdp-a, which counts").And.Contain("tier").And.Contain("41").And.Contain("customers"));
    }

    [Test]
    public async Task Should_be_content_where_nothing_differs()
    {
        var session = new Session();
        session.Hub.Answer("GET /v1/shadows/cdp-b", """{"source":"cdp-b","of":"cdp-a","people":1,"unknown":0,"attributes":[{"name":"tier","only_counting":0,"only_shadow":0,"different":0,"equal":1}],"audiences":[]}""");
        Assert.That(await session.CallAsync("compare", "cdp-b"), Is.Zero);
    }

    [Test]
    public async Task Should_list_people_by_one_thing_and_say_where_to_go_on()
    {
        const string People = """{"items":[{"key":"external_id:c…17","profile_id":5,"counting":"g…en","shadow":"G…en","difference":"case"}],"next":"there","count":41,"count_capped":false}""";
        var session = new Session();
        session.Hub.Answer("GET /v1/shadows/cdp-b/people?attribute=tier&state=different&limit=1", People);
        Assert.That(await session.CallAsync("compare", "cdp-b", "--attribute", "tier", "--state", "different", "--limit", "1"), Is.EqualTo(1), session.Error);
        Assert.That(session.Out, Does.Contain("external_id:c…17").And.Contain("case").And.Contain("--after there"));

        session.Hub.Answer("POST /v1/shadows/cdp-b/people", People);
        await session.CallAsync("compare", "cdp-b", "--audience", "customers", "--reveal", "--reason", "ticket 4");
        Assert.That(session.Hub.Asked[^1].Body, Does.Contain("\"audience\":\"customers\"").And.Contain("\"reason\":\"ticket 4\""));
    }
}
