using System.Globalization;
using IntegrationHub.Connectors.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Tests.Braze;

/// <summary>
/// Braze shows of each event's name how often and when first and last. What that proves is said, and nothing more: the answer is the one that the page of
/// /users/export/ids shows.
/// </summary>
public sealed class When_braze_is_asked_about_events
{
    private static readonly DateTimeOffset _only = new(2021, 6, 28, 17, 2, 43, 32, TimeSpan.Zero);

    [TestCase("viewed", 0, "There")]
    [TestCase("viewed", -1, "NotThere", Description = "earlier than the first one")]
    [TestCase("viewed", 1, "NotThere", Description = "later than the last one")]
    [TestCase("bought", 0, "NotThere", Description = "nothing of the name is counted")]
    [TestCase("viewed", -8_000_000_000, "Unclear braze_outside_of_counts", Description = "older than what is counted")]
    [TestCase("viewed", 200_000_000, "Unclear braze_outside_of_counts", Description = "of the future when it was sent: Braze put another time")]
    public async Task Should_say_what_the_counts_prove(string name, long later, string expected)
    {
        using var braze = new ScriptedBraze { Time = new FakeTimeProvider(_only.AddDays(2)) };
        var connector = braze.Answer(200, new Recording("export-ok")).Connect();
        var seen = await connector.FindEventsAsync([Question("c-41", name, _only.AddMilliseconds(later))], default);
        Assert.That(Told(seen.Single()), Is.EqualTo($"c-41 {expected}"));
        Assert.That(braze.Bodies.Single(), Does.Contain("custom_events").And.Contain("purchases"));
    }

    [Test]
    public async Task Should_prove_nothing_between_the_first_and_the_last_or_of_nobody()
    {
        using var braze = new ScriptedBraze { Time = new FakeTimeProvider(_only.AddDays(2)) };
        var connector = braze.Answer(200, """{"message":"success","users":[{"external_id":"c-1","custom_events":[{"name":"viewed","first":"2021-06-28T10:00:00.000Z","last":"2021-06-28T20:00:00.000Z","count":2}],"purchases":[{"name":"sku","first":"2021-06-28T17:02:43.032Z","last":"2021-06-28T20:00:00.000Z","count":2}]}],"invalid_user_ids":["c-2"]}""").Connect();
        var bought = Question("c-1", "sku", _only);
        var seen = await connector.FindEventsAsync(
            [Question("c-1", "viewed", _only), Question("c-2", "viewed", _only), bought with { RecordId = 3, Event = bought.Event with { Name = "purchase", Purchase = new Purchase("sku", "EUR", 1m) } }], default);
        Assert.That(seen.Select(Told), Is.EqualTo(new[] { "c-1 Unclear braze_counts_only", "c-2 Unclear not_found", "c-3 There" }));
    }

    [Test]
    public async Task Should_find_what_the_sandbox_took()
    {
        await using var braze = await ServedBraze.StartAsync();
        var happened = new Behavior { Id = Guid.NewGuid(), Name = "viewed", OccurredAt = braze.Time.GetUtcNow().AddHours(-1) };
        await braze.DeliverAsync(Operation.UpsertProfile, new BatchItem { RecordId = 1, Key = "c-1", Fields = [new("first_name", FieldValue.Of("A"))] });
        var connector = braze.Connect();
        var question = new EventQuestion(1, "c-1", null, happened, braze.Time.GetUtcNow(), braze.Time.GetUtcNow());
        Assert.That(Told((await connector.FindEventsAsync([question], default)).Single()), Is.EqualTo("c-1 NotThere"));
        Assert.That((await braze.DeliverAsync(Operation.TrackEvent, new BatchItem { RecordId = 2, Key = "c-1", Event = happened })).Outcome, Is.EqualTo(Outcome.Delivered));
        Assert.That(Told((await connector.FindEventsAsync([question], default)).Single()), Is.EqualTo("c-1 There"));
    }

    private static EventQuestion Question(string key, string name, DateTimeOffset at) =>
        new(long.Parse(key.AsSpan(2), CultureInfo.InvariantCulture), key, null, new Behavior { Id = Guid.NewGuid(), Name = name, OccurredAt = at }, _only.AddDays(1), _only.AddDays(1));

    private static string Told(EventSighting seen) => string.Create(CultureInfo.InvariantCulture, $"c-{seen.RecordId} {seen.Presence} {seen.Code}").TrimEnd();
}
