using System.Globalization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo;
using static Connectors.Tests.Marketo.People;
using static Connectors.Tests.Marketo.ScriptedMarketo;

namespace Connectors.Tests.Marketo;

/// <summary>Whether Marketo has an event of which the answer was lost is read from the person's activities by the hub's event id; what cannot be read is not guessed.</summary>
public sealed class When_marketo_is_asked_about_events
{
    private const string Lead = """{"id":501,"email":"person1@example.test"}""";

    [Test]
    public async Task Should_find_those_that_it_took_and_none_that_it_did_not()
    {
        await using var marketo = await SandboxClient.StartAsync();
        marketo.Marketo.FeedDelay = TimeSpan.Zero;
        await marketo.UpsertAsync("""{"email":"person1@example.test"},{"email":"person2@example.test"}""");
        var connector = marketo.Connect();
        Assert.That((await connector.DeliverAsync(Of(Operation.TrackEvent, Buying(1)), default)).Told(), Is.EqualTo(new[] { "1 Delivered #1" }));

        var seen = await connector.FindEventsAsync([Question(1), Question(2), Question(3)], default);

        Assert.That(Told(seen), Is.EqualTo(new[] { "1 There", "2 NotThere", "3 Unclear not_found" }));
    }

    [Test]
    public async Task Should_find_it_with_whoever_the_person_was_merged_into()
    {
        await using var marketo = await SandboxClient.StartAsync();
        marketo.Marketo.FeedDelay = TimeSpan.Zero;
        await marketo.UpsertAsync("""{"email":"person1@example.test"},{"email":"person2@example.test"}""");
        var connector = marketo.Connect();
        await connector.DeliverAsync(Of(Operation.TrackEvent, Buying(1)), default);
        await connector.DeliverAsync(Of(Operation.MergeProfiles, Changing(2, new IdentityChange { OtherKey = "person1@example.test" })), default);
        Assert.That(Told(await connector.FindEventsAsync([Question(1) with { Key = "person2@example.test", RemoteId = "1" }], default)), Is.EqualTo(new[] { "1 There" }));
    }

    [Test]
    public async Task Should_read_every_page_however_short_from_before_the_event_on()
    {
        using var marketo = new ScriptedMarketo();
        var connector = marketo.Rows(Lead).Rows(PurchaseType).Rows(PurchaseAttributes).Answer(Token()).Answer(Page("a", true)).Answer(Page("b", true, EventId(7))).Answer(Page("c", false, EventId(1))).Connect();
        Assert.That(Told(await connector.FindEventsAsync([Question(1)], default)), Is.EqualTo(new[] { "1 There" }));
        Assert.That(marketo.Sent[^4], Does.Contain("sinceDatetime=2026-11-20T08%3A25%3A00Z"), "it happened before it was sent, and a token's date may mean either");
        Assert.That(marketo.Sent[^3..], Has.All.Contains("activityTypeIds=100001&leadIds=501"));
        Assert.That(marketo.Sent[^1], Does.Contain("nextPageToken=b"));
    }

    [Test]
    public async Task Should_not_say_that_it_is_not_there_when_it_could_not_read_to_the_end()
    {
        using var marketo = new ScriptedMarketo();
        marketo.Rows(Lead).Rows(PurchaseType).Rows(PurchaseAttributes).Answer(Token());
        for (var page = 0; page < 50; page++)
        {
            marketo.Answer(Page($"t{page}", true));
        }

        Assert.That(Told(await marketo.Connect().FindEventsAsync([Question(1)], default)), Is.EqualTo(new[] { "1 Unclear marketo_too_many_activities" }));
        Assert.That(marketo.Sent.Count(call => call.Contains("activities.json", StringComparison.Ordinal)), Is.EqualTo(50), "a bound of its own calls");
    }

    [Test]
    public async Task Should_say_what_hinders_it_where_the_key_may_not_read_activities()
    {
        using var marketo = new ScriptedMarketo();
        var connector = marketo.Rows(Lead).Rows(PurchaseType).Rows(PurchaseAttributes).Fail("603").Connect();
        var trouble = (await Assert.ThrowsAsync<DestinationException>(() => connector.FindEventsAsync([Question(1)], default)))!;
        Assert.That(trouble.Condition.Trouble, Is.EqualTo(DestinationTrouble.Misconfigured));
    }

    private static EventQuestion Question(long id)
    {
        var sent = new DateTimeOffset(2026, 11, 21, 11, 0, 0, TimeSpan.Zero);
        return new EventQuestion(id, Buying(id).Key, null, Buying(id).Event!, sent, sent);
    }

    private static string[] Told(IReadOnlyList<EventSighting> seen) =>
        [.. seen.OrderBy(one => one.RecordId).Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.RecordId} {one.Presence} {one.Code}").TrimEnd())];

    private static string Token() => """{"requestId":"1607c#14884f3e74e","success":true,"nextPageToken":"first"}""";

    private static string Page(string token, bool more, params Guid[] ids)
    {
        var rows = ids.Select(id => $$"""{"id":1,"marketoGUID":"1","leadId":501,"activityDate":"2026-11-20T08:30:00Z","activityTypeId":100001,"primaryAttributeValue":"sku-1","attributes":[{"name":"Hub Event ID","value":"{{id}}"}]}""");
        return $$"""{"requestId":"24fd#15188a88d7f","success":true,"nextPageToken":"{{token}}","moreResult":{{(more ? "true" : "false")}}{{(ids.Length == 0 ? "" : $",\"result\":[{string.Join(',', rows)}]")}}}""";
    }
}
