using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.Braze;

/// <summary>How many events Braze has, as its page shows it and as the sandbox counts.</summary>
public sealed class When_events_are_counted
{
    private static readonly DateTimeOffset _midnight = new(2014, 12, 10, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The answer of https://www.braze.com/docs/api/endpoints/export/custom_events/get_custom_events_analytics: a message, and times with counts. Hours outside of the span do not count.</summary>
    [Test]
    public async Task Should_count_the_hours_of_the_span()
    {
        using var vendor = new ScriptedBraze { Time = Clock.AtNoon() }.Answer(
            200,
            """{"message":"success","data":[{"time":"2014-12-09T23:00:00+00:00","count":1000},{"time":"2014-12-10T00:00:00+00:00","count":3},{"time":"2014-12-10T02:00:00+01:00","count":4},{"time":"2014-12-10T02:00:00Z","count":2000}]}""");
        Assert.That(await vendor.Connect().CountEventsAsync("order placed", _midnight, _midnight.AddHours(2), default), Is.EqualTo(7));
        Assert.That(vendor.Sent.Single(), Does.StartWith("GET https://rest.fra-01.braze.eu/events/data_series?event=order%20placed&length=4&unit=hour&ending_at=2014-12-10T03%3A00%3A00%2B00%3A00"));
    }

    [TestCase(403, """{"message":"Access Denied"}""", "braze_permission_missing_events_data_series")]
    [TestCase(200, """{"message":"success"}""", null)]
    public async Task Should_say_so_when_it_is_not_told(int status, string answer, string? code)
    {
        using var vendor = new ScriptedBraze { Time = Clock.AtNoon() }.Answer(status, answer);
        var trouble = (await Assert.ThrowsAsync<DestinationException>(() => vendor.Connect().CountEventsAsync("x", _midnight, _midnight.AddHours(1), default)))!;
        if (code is not null)
        {
            Assert.That(trouble.Condition.Code, Is.EqualTo(code));
        }
    }

    [Test]
    public async Task Should_be_told_what_happened_there_and_no_purchases()
    {
        await using var braze = await ServedBraze.StartAsync();
        await braze.PostAsync("users/track", """{"attributes":[{"external_id":"c-1","first_name":"Ann"}]}""", 201);
        await braze.PostAsync(
            "users/track",
            """{"events":[{"external_id":"c-1","name":"looked","time":"2026-11-20T10:15:00Z"},{"external_id":"c-1","name":"looked","time":"2026-11-20T11:59:59Z"},{"external_id":"c-1","name":"looked","time":"2026-11-20T12:00:00Z"},{"external_id":"c-1","name":"left","time":"2026-11-20T10:00:00Z"}],"purchases":[{"external_id":"c-1","product_id":"looked","currency":"EUR","price":1,"time":"2026-11-20T10:15:00Z"}]}""",
            201);
        var counting = (IEventCounting)braze.Connect();
        var ten = new DateTimeOffset(2026, 11, 20, 10, 0, 0, TimeSpan.Zero);
        Assert.That(await counting.CountEventsAsync("looked", ten, ten.AddHours(2), default), Is.EqualTo(2));
        Assert.That(await counting.CountEventsAsync("never", ten, ten.AddHours(2), default), Is.Zero);
    }
}
