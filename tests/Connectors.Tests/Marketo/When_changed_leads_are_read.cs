using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.Marketo;

/// <summary>Of whom mapped fields were changed, as Marketo's pages show the answers.</summary>
public sealed class When_changed_leads_are_read
{
    /// <summary>https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/paging-tokens.</summary>
    private const string Token = """{"requestId":"1607c#14884f3e74e","success":true,"nextPageToken":"GIYDAOBNGEYS2MBWKQYDAORQGA5DAMBOGAYDAKZQGAYDALBQ"}""";

    private static readonly DateTimeOffset Since = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/lead-database/activities ("Data value changes").</summary>
    private static string Changes(bool more, params int[] leads) => $$"""
        {"requestId":"a9ae#148add1e53d","success":true,"nextPageToken":"NEXT","moreResult":{{(more ? "true" : "false")}},
         "result":[{{string.Join(',', leads.Select(lead => $$"""
            {"id":{{lead}}0,"marketoGUID":"1","leadId":{{lead}},"activityDate":"2014-09-17T22:31:49+0000","activityTypeId":13,"fields":[{"id":48,"name":"city","newValue":"Graz","oldValue":"Bonn"}],"attributes":[]}
            """))}}]}
        """;

    [Test]
    public async Task Should_tell_each_of_them_once_and_where_to_go_on()
    {
        using var vendor = new ScriptedMarketo().Answer(Token).Answer(Changes(more: true, 775, 776, 775)).Answer(Changes(more: false));
        var connector = vendor.Connect();
        var first = await connector.ReadChangedProfilesAsync(Since, ["city", "lastName", "city"], null, default);
        var last = await connector.ReadChangedProfilesAsync(Since, ["city", "lastName"], first.Next, default);

        Assert.That(first.Profiles.Select(profile => profile.RemoteId), Is.EqualTo(new[] { "775", "776" }));
        Assert.That((first.HasFields, first.Next, last.Profiles.Count, last.Next), Is.EqualTo((false, "NEXT", 0, (string?)null)), "what they hold in all fields is read by key");
        Assert.That(vendor.Sent[1], Does.Contain("/rest/v1/activities/pagingtoken.json?sinceDatetime=2026-11-01T00%3A00%3A00Z"));
        Assert.That(vendor.Sent[2], Does.Contain("leadchanges.json?nextPageToken=GIYDAOBNGEYS2MBWKQYDAORQGA5DAMBOGAYDAKZQGAYDALBQ&batchSize=300&fields=city,lastName"));
        Assert.That(vendor.Sent[3], Does.Contain("leadchanges.json?nextPageToken=NEXT"));
    }

    [Test]
    public async Task Should_say_why_nobody_is_told()
    {
        using var vendor = new ScriptedMarketo().Answer(Token).Answer("""{"requestId":"1","success":false,"errors":[{"code":"606","message":"Max rate limit '100' exceeded with in '20' secs"}]}""");
        var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await vendor.Connect().ReadChangedProfilesAsync(Since, ["city"], null, default));
        Assert.That(thrown!.Condition.Trouble, Is.EqualTo(DestinationTrouble.Throttled));
    }
}
