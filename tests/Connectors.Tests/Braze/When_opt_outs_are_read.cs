using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.Braze;

/// <summary>Who unsubscribed, bounced or lost a number, as Braze's pages show it and as the sandbox serves it.</summary>
public sealed class When_opt_outs_are_read
{
    private static readonly DateTimeOffset _noon = Clock.AtNoon().GetUtcNow();
    private static readonly DateTimeOffset _since = _noon.AddDays(-30);

    /// <summary>
    /// The answers of https://www.braze.com/docs/api/endpoints/email/get_query_unsubscribed_email_addresses, …/email/get_list_hard_bounces and
    /// …/sms/get_query_invalid_numbers.
    /// </summary>
    [TestCase("unsubscribes", """{"emails":[{"email":"Foo@braze.com","unsubscribed_at":"2016-08-25 15:24:32 +0000"}],"message":"success"}""", "foo@braze.com", "/email/unsubscribes")]
    [TestCase("hard_bounces", """{"emails":[{"email":"foo@braze.com","hard_bounced_at":"2016-08-25 15:24:32 +0000"}],"message":"success"}""", "foo@braze.com", "/email/hard_bounces")]
    [TestCase("invalid_phones", """{"sms":[{"phone":"12345678900","invalid_detected_at":"2016-08-25 15:24:32 +0000"}],"message":"success"}""", "+12345678900", "/sms/invalid_phone_numbers")]
    public async Task Should_be_told_as_the_pages_show(string feed, string answer, string key, string path)
    {
        using var vendor = new ScriptedBraze { Time = Clock.AtNoon() }.Answer(200, answer);
        var page = await vendor.Connect().ReadOptOutsAsync(new OptOutQuestion(feed, null, _since, []), default);

        var optOut = page.OptOuts.Single();
        Assert.Multiple(() =>
        {
            Assert.That(optOut.Email ?? optOut.Phone, Is.EqualTo(key));
            Assert.That(optOut.At, Is.EqualTo(new DateTimeOffset(2016, 8, 25, 15, 24, 32, TimeSpan.Zero)));
            Assert.That(optOut.Id, Is.Not.Empty);
            Assert.That(page.IsLast, Is.True);
            Assert.That(vendor.Sent.Single(), Does.StartWith($"GET https://rest.fra-01.braze.eu{path}?start_date={_since:yyyy-MM-dd}&end_date={_noon.AddDays(2):yyyy-MM-dd}&limit=500&offset=0"));
        });
    }

    [Test]
    public async Task Should_be_found_by_link_by_bounce_and_by_dead_number()
    {
        await using var braze = await ServedBraze.StartAsync();
        braze.Sandbox.OptOutByLink("c-1@example.test");
        braze.Sandbox.Bounce("c-2@example.test");
        braze.Sandbox.LoseNumber("+15555550101");
        var feeds = (IOptOutFeed)braze.Connect();

        var told = new List<VendorOptOut>();
        foreach (var feed in feeds.OptOutFeeds)
        {
            told.AddRange((await feeds.ReadOptOutsAsync(new OptOutQuestion(feed, null, _since, []), default)).OptOuts);
        }

        Assert.That(
            told.Select(optOut => (optOut.Kind, optOut.Email ?? optOut.Phone)),
            Is.EqualTo(new[] { (OptOutKind.MarketingEmail, "c-1@example.test"), (OptOutKind.HardBounce, "c-2@example.test"), (OptOutKind.InvalidPhone, "+15555550101") }));
    }

    /// <summary>Somebody who opts in again while pages are read moves the rest up by one.</summary>
    [Test]
    public async Task Should_miss_nobody_when_the_list_changes_between_two_pages()
    {
        await using var braze = await ServedBraze.StartAsync();
        for (var i = 0; i < 600; i++)
        {
            braze.Sandbox.OptOutByLink($"c-{i:000}@example.test");
        }

        var feed = (IOptOutFeed)braze.Connect();
        var first = await feed.ReadOptOutsAsync(new OptOutQuestion("unsubscribes", null, _since, []), default);
        await braze.PostAsync("email/status", """{"email":"c-000@example.test","subscription_state":"subscribed"}""", 201);
        var second = await feed.ReadOptOutsAsync(new OptOutQuestion("unsubscribes", first.Cursor, _since, []), default);

        Assert.That((first.IsLast, second.IsLast), Is.EqualTo((false, true)));
        Assert.That(first.OptOuts.Concat(second.OptOuts).Select(optOut => optOut.Id).Distinct().Count(), Is.EqualTo(600));
    }

    [Test]
    public async Task Should_read_the_day_before_anew_whenever_it_goes_on()
    {
        await using var braze = await ServedBraze.StartAsync();
        var feed = (IOptOutFeed)braze.Connect();
        var page = await feed.ReadOptOutsAsync(new OptOutQuestion("unsubscribes", null, _since, []), default);
        braze.Sandbox.OptOutByLink("late@example.test");
        braze.Time.Advance(TimeSpan.FromHours(20));
        page = await feed.ReadOptOutsAsync(new OptOutQuestion("unsubscribes", page.Cursor, _since, []), default);
        var again = await feed.ReadOptOutsAsync(new OptOutQuestion("unsubscribes", page.Cursor, _since, []), default);

        Assert.That(page.OptOuts.Single().Id, Is.EqualTo(again.OptOuts.Single().Id), "what is read twice has one name");
    }

    [Test]
    public async Task Should_name_the_permission_that_is_missing()
    {
        using var vendor = new ScriptedBraze { Time = Clock.AtNoon() }.Answer(403, """{"message":"Access Denied"}""");
        var refused = await Assert.ThrowsAsync<DestinationException>(() => vendor.Connect().ReadOptOutsAsync(new OptOutQuestion("hard_bounces", null, _since, []), default));
        Assert.That(refused!.Condition.Code, Is.EqualTo("braze_permission_missing_email_hard_bounces"));
    }
}
