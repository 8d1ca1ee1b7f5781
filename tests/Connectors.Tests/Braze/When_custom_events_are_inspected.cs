using System.Globalization;
using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.Braze;

/// <summary>The answer is that of https://www.braze.com/docs/api/endpoints/export/custom_events/get_custom_events_data, with values for what the page explains.</summary>
public sealed class When_custom_events_are_inspected
{
    private const string Documented = """
        {
          "message": "success",
          "events": [
            { "name": "viewed", "description": "The event description", "included_in_analytics_report": false, "status": "Active", "tag_names": ["Tag One", "Tag Two"] },
            { "name": "viewed_backfill", "description": null, "included_in_analytics_report": true, "status": "Blocklisted", "tag_names": [] }
          ]
        }
        """;

    private static readonly (string, string) Next = ("Link", """<https://rest.fra-01.braze.eu/events?cursor=c2tpcDo1MA%3D%3D>; rel="next" """.Trim());

    [Test]
    public async Task Should_find_an_event_of_which_braze_drops_what_is_told()
    {
        using var braze = new ScriptedBraze().Answer(200, Documented);
        var finding = (await braze.Connect().InspectEventsAsync([new EventUse("viewed", ["page"]), new EventUse("viewed_backfill", ["page"])], default)).Single();
        Assert.That((finding.Name, finding.Code, finding.IsUnknown), Is.EqualTo(("viewed_backfill", "event_blocked", false)));
        Assert.That(finding.Problem, Does.Contain("viewed_backfill is Blocklisted").And.Contain("drops"));
        Assert.That(finding.Fix, Does.Contain("Custom Events"));
        Assert.That(braze.Sent.Single().Split('\n')[0], Is.EqualTo("GET https://rest.fra-01.braze.eu/events"), "both were on the first page");
    }

    [TestCase("\"Active\"", null)]
    [TestCase("\"Blocklisted\"", "event_blocked")]
    [TestCase("\"Trashed\"", "event_blocked")]
    [TestCase("\"Something new\"", null)]
    [TestCase("null", null)]
    public async Task Should_judge_a_status_that_it_knows(string status, string? code)
    {
        using var braze = new ScriptedBraze().Answer(200, $$"""{"message":"success","events":[{"name":"viewed","status":{{status}}}]}""");
        Assert.That((await braze.Connect().InspectEventsAsync([new EventUse("viewed", [])], default)).Select(finding => finding.Code), Is.EqualTo(code is null ? [] : new[] { code }));
    }

    [Test]
    public async Task Should_read_on_until_it_knows_all_names_and_find_nothing_wrong_with_one_that_the_first_event_makes()
    {
        using var braze = new ScriptedBraze().Answer(200, Documented, Next).Answer(200, """{"message":"success","events":[{"name":"Viewed","status":"Blocklisted"},{"name":"zoomed","status":"Blocklisted"}]}""");
        var findings = await braze.Connect().InspectEventsAsync([new EventUse("viewed", []), new EventUse("zoomed", []), new EventUse("never", [])], default);
        Assert.That(findings.Select(finding => finding.Name), Is.EqualTo(new[] { "zoomed" }), "upper and lower case count");
        Assert.That(braze.Sent.Select(sent => sent.Split('\n')[0]), Is.EqualTo(new[] { "GET https://rest.fra-01.braze.eu/events", "GET https://rest.fra-01.braze.eu/events?cursor=c2tpcDo1MA%3D%3D" }));
    }

    [Test]
    public async Task Should_say_that_the_look_needs_a_permission()
    {
        await using var braze = await ServedBraze.StartAsync();
        var key = braze.Sandbox.Credentials["api_key"];
        braze.Sandbox.Keys[key] = braze.Sandbox.Keys[key].Where(permission => permission != "events.get").ToHashSet();
        var finding = (await braze.Connect().InspectEventsAsync([new EventUse("viewed", []), new EventUse("bought", [])], default)).Single();
        Assert.That((finding.Name, finding.Code, finding.IsUnknown, finding.FieldsNotInspected), Is.EqualTo(("events.get", FieldFinding.PermissionMissing, true, 2)));
        Assert.That(finding.Problem, Does.StartWith("The kinds of event could not be checked.").And.Contain("events.get"));
    }

    [TestCase(429, "{}", DestinationTrouble.Throttled, "braze_429")]
    [TestCase(503, "{}", DestinationTrouble.Unavailable, "braze_503")]
    [TestCase(200, """{"message":"success"}""", DestinationTrouble.Unavailable, "braze_unreadable_answer")]
    [TestCase(200, """{"message":"success","events":[{"status":"Active"}]}""", DestinationTrouble.Unavailable, "braze_unreadable_answer")]
    public async Task Should_say_why_it_cannot_tell(int status, string body, DestinationTrouble trouble, string code)
    {
        using var braze = new ScriptedBraze().Answer(status, body);
        var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await braze.Connect().InspectEventsAsync([new EventUse("viewed", [])], default));
        Assert.That((thrown!.Condition.Trouble, thrown.Condition.Code), Is.EqualTo((trouble, code)));
    }

    [Test]
    public async Task Should_leave_a_list_that_goes_round_in_a_circle()
    {
        using var braze = new ScriptedBraze().Answer(200, Documented, Next).Answer(200, Documented, Next);
        var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await braze.Connect().InspectEventsAsync([new EventUse("never", [])], default));
        Assert.That(thrown!.Condition.Code, Is.EqualTo("braze_endless_list"));
    }

    [Test]
    public async Task Should_meet_a_workspace_that_lists_what_happened_and_drops_what_is_blocked()
    {
        await using var braze = await ServedBraze.StartAsync();
        await braze.TrackAsync("""{"external_id":"a"}""");
        string Event(string name) => $$"""{"external_id":"a","name":"{{name}}","time":"2026-11-01T12:00:00Z"}""";
        async Task TellAsync(params string[] names) => Assert.That((await braze.CallAsync(HttpMethod.Post, "users/track", $$"""{"events":[{{string.Join(',', names.Select(Event))}}]}""")).Status, Is.EqualTo(201));
        await TellAsync([.. Enumerable.Range(0, 60).Select(number => string.Create(CultureInfo.InvariantCulture, $"kind_{number:00}"))]);
        braze.Sandbox.BlockedEvents["kind_59"] = true;
        await TellAsync("kind_59", "kind_58");
        Assert.That(braze.Sandbox.Events().Count(happened => happened.Name is "kind_59"), Is.EqualTo(1));
        Assert.That(braze.Sandbox.Events().Count(happened => happened.Name is "kind_58"), Is.EqualTo(2));
        string?[] first = [.. (await braze.GetAsync("events")).GetProperty("events").EnumerateArray().Select(known => known.GetProperty("name").GetString())];
        Assert.That(first, Has.Length.EqualTo(50).And.Ordered);
        var findings = await braze.Connect().InspectEventsAsync([new EventUse("kind_58", []), new EventUse("kind_59", [])], default);
        Assert.That(findings.Select(finding => $"{finding.Name} {finding.Code}"), Is.EqualTo(new[] { "kind_59 event_blocked" }));
    }
}
