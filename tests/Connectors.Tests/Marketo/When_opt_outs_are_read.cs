using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Sandbox;

namespace Connectors.Tests.Marketo;

/// <summary>Who opted out in Marketo, as its pages show the answers and as the sandbox serves them.</summary>
public sealed class When_opt_outs_are_read
{
    private const string Feed = "lead_changes";

    /// <summary>https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/paging-tokens.</summary>
    private const string Token = """{"requestId":"1607c#14884f3e74e","success":true,"nextPageToken":"GIYDAOBNGEYS2MBWKQYDAORQGA5DAMBOGAYDAKZQGAYDALBQ"}""";

    private static readonly DateTimeOffset _since = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The answer of https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/lead-database/activities ("Data value changes"), with the field of an opt-out.</summary>
    private static string Changes(string fields, bool more = false) => $$"""
        {"requestId":"a9ae#148add1e53d","success":true,"nextPageToken":"GIYDAOBNGEYS2MBWKQYDAORQGA5DAMBOGAYDAKZQGAYDALBRGA3TQ===","moreResult":{{(more ? "true" : "false")}},
         "result":[{"id":1078,"marketoGUID":"1078","leadId":775,"activityDate":"2014-09-17T22:31:49+0000","activityTypeId":13,"fields":[{{fields}}],
         "attributes":[{"name":"Reason","value":"Web service API"},{"name":"Source","value":"Web service API"},{"name":"Lead ID","value":775}]}]}
        """;

    private static string Field(string name, string value) => $$"""{"id":48,"name":"{{name}}","newValue":"{{value}}","oldValue":"x"}""";

    private static string Person(string invalid = "false") => $$"""{"id":775,"email":"kim@example.test","emailInvalid":{{invalid}}}""";

    [Test]
    public async Task Should_be_told_as_the_pages_show()
    {
        using var vendor = new ScriptedMarketo().Answer(Token).Answer(Changes(Field("unsubscribed", "true"))).Rows(Person());
        var page = await vendor.Connect().ReadOptOutsAsync(new OptOutQuestion(Feed, null, _since, ["newsletter"]), default);

        var optOut = page.OptOuts.Single();
        Assert.Multiple(() =>
        {
            Assert.That(optOut, Is.EqualTo(new VendorOptOut("1078 unsubscribed", OptOutKind.MarketingEmail, new DateTimeOffset(2014, 9, 17, 22, 31, 49, TimeSpan.Zero)) { Email = "kim@example.test", RemoteId = "775" }));
            Assert.That(page.IsLast, Is.True);
            Assert.That(vendor.Sent[1], Does.Contain("/rest/v1/activities/pagingtoken.json?sinceDatetime=2026-11-01T00%3A00%3A00Z"));
            Assert.That(vendor.Sent[2], Does.Contain("leadchanges.json?nextPageToken=GIYDAOBNGEYS2MBWKQYDAORQGA5DAMBOGAYDAKZQGAYDALBQ&batchSize=300&fields=unsubscribed,blackListed,emailInvalid,newsletter"));
            Assert.That(vendor.Sent[3], Does.Not.Contain("?filterValues"), "ids travel in the body");
        });
    }

    [TestCase("unsubscribed", "false", null)]
    [TestCase("blackListed", "true", OptOutKind.MarketingEmail)]
    [TestCase("blackListed", "false", null)]
    [TestCase("newsletter", "false", OptOutKind.Topic)]
    [TestCase("newsletter", "true", null, Description = "who opts in at a vendor grants nothing")]
    [TestCase("city", "Graz", null)]
    public async Task Should_hold_denials_alone(string field, string value, OptOutKind? kind)
    {
        using var vendor = new ScriptedMarketo().Answer(Token).Answer(Changes(Field(field, value))).Rows(Person());
        var page = await vendor.Connect().ReadOptOutsAsync(new OptOutQuestion(Feed, null, _since, ["newsletter"]), default);
        Assert.That(page.OptOuts.Select(optOut => (OptOutKind?)optOut.Kind), Is.EqualTo(kind is null ? [] : new[] { kind }));
    }

    [TestCase("true", 1)]
    [TestCase("false", 0, Description = "the person has another address by now, and a good one")]
    public async Task Should_take_an_address_for_invalid_that_still_is(string invalid, int bounces)
    {
        using var vendor = new ScriptedMarketo().Answer(Token).Answer(Changes(Field("emailInvalid", "true"))).Rows(Person(invalid));
        var page = await vendor.Connect().ReadOptOutsAsync(new OptOutQuestion(Feed, null, _since, []), default);
        Assert.That(page.OptOuts.Count(optOut => optOut.Kind == OptOutKind.HardBounce), Is.EqualTo(bounces));
    }

    [Test]
    public async Task Should_name_whoever_is_gone_by_the_id()
    {
        using var vendor = new ScriptedMarketo().Answer(Token).Answer(Changes(Field("unsubscribed", "true"))).Rows();
        var page = await vendor.Connect().ReadOptOutsAsync(new OptOutQuestion(Feed, null, _since, []), default);
        Assert.That((page.OptOuts.Single().Email, page.OptOuts.Single().RemoteId), Is.EqualTo(((string?)null, "775")));
    }

    [Test]
    public async Task Should_go_on_with_an_empty_page_and_begin_anew_when_the_token_is_refused()
    {
        using var vendor = new ScriptedMarketo()
            .Answer(Token).Answer("""{"requestId":"1","success":true,"nextPageToken":"AAA","moreResult":true}""")
            .Fail("1003").Answer(Token).Answer(Changes(Field("unsubscribed", "true"))).Rows(Person());
        var connector = vendor.Connect();
        var first = await connector.ReadOptOutsAsync(new OptOutQuestion(Feed, null, _since, []), default);
        Assert.That((first.IsLast, first.OptOuts.Count), Is.EqualTo((false, 0)));

        var second = await connector.ReadOptOutsAsync(new OptOutQuestion(Feed, first.Cursor, _since.AddDays(9), []), default);
        Assert.That((second.IsLast, second.OptOuts.Count), Is.EqualTo((true, 1)));
        Assert.That(vendor.Sent.FindAll(call => call.Contains("sinceDatetime=2026-11-01", StringComparison.Ordinal)), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Should_say_what_is_in_the_way()
    {
        using var vendor = new ScriptedMarketo().Fail("603");
        var refused = await Assert.ThrowsAsync<DestinationException>(() => vendor.Connect().ReadOptOutsAsync(new OptOutQuestion(Feed, null, _since, []), default));
        Assert.That(refused!.Condition.Code, Is.EqualTo("marketo_603"));
    }

    /// <summary>The sandbox shows changes late, as Marketo does: behind the time up to which was read.</summary>
    [Test]
    public async Task Should_find_what_comes_to_light_late()
    {
        var time = Clock.AtNoon();
        await using var marketo = await SandboxClient.StartAsync(new SandboxOptions { Quotas = false, Time = time });
        await marketo.UpsertAsync("""{"email":"kim@example.test"}""");
        await marketo.UpsertAsync("""{"email":"kim@example.test","unsubscribed":true}""");
        var feed = (IOptOutFeed)marketo.Connect(time: time);

        var early = await feed.ReadOptOutsAsync(new OptOutQuestion(Feed, null, time.GetUtcNow().AddDays(-1), []), default);
        time.Advance(TimeSpan.FromMinutes(5));
        var late = await feed.ReadOptOutsAsync(new OptOutQuestion(Feed, early.Cursor, default, []), default);
        Assert.That((early.OptOuts.Count, late.OptOuts.Count), Is.EqualTo((0, 1)));
        Assert.That(late.OptOuts[0].Email, Is.EqualTo("kim@example.test"));
    }
}
