using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot;
using IntegrationHub.Connectors.HubSpot.Wire;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Tests.HubSpot;

internal sealed class When_an_error_is_judged
{
    private const string Rolling = """{"status":"error","errorType":"RATE_LIMIT","policyName":"TEN_SECONDLY_ROLLING","message":"You have reached your ten_secondly_rolling limit."}""";
    private const string Daily = """{"status":"error","errorType":"RATE_LIMIT","policyName":"DAILY"}""";
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 7, 0, 0, TimeSpan.Zero);

    [TestCase(401, """{"category":"EXPIRED_AUTHENTICATION"}""", DestinationTrouble.Unauthorized, "hubspot_EXPIRED_AUTHENTICATION", null)]
    [TestCase(401, """{"category":"INVALID_AUTHENTICATION"}""", DestinationTrouble.Unauthorized, "hubspot_INVALID_AUTHENTICATION", null)]
    [TestCase(401, "", DestinationTrouble.Unauthorized, "hubspot_401", null)]
    [TestCase(403, """{"category":"MISSING_SCOPES"}""", DestinationTrouble.Misconfigured, "hubspot_MISSING_SCOPES", null)]
    [TestCase(404, "<html>", DestinationTrouble.Misconfigured, "hubspot_404", null)]
    [TestCase(423, "{}", DestinationTrouble.Throttled, "hubspot_423", 2)]
    [TestCase(429, Rolling, DestinationTrouble.Throttled, "hubspot_TEN_SECONDLY_ROLLING", 10)]
    [TestCase(429, Daily, DestinationTrouble.Throttled, "hubspot_DAILY", 3600)]
    [TestCase(429, """{"policyName":"SECONDLY"}""", DestinationTrouble.Throttled, "hubspot_SECONDLY", 1)]
    [TestCase(429, """{"category":"RATE_LIMITS"}""", DestinationTrouble.Throttled, "hubspot_RATE_LIMITS", 10)]
    [TestCase(429, """{"message":"You have reached your secondly limit.","category":"RATE_LIMITS"}""", DestinationTrouble.Throttled, "hubspot_SECONDLY", 1)]
    [TestCase(429, "", DestinationTrouble.Throttled, "hubspot_429", 10)]
    [TestCase(477, "", DestinationTrouble.Unavailable, "hubspot_477", 600)]
    [TestCase(500, "", DestinationTrouble.Unavailable, "hubspot_500", null)]
    [TestCase(502, "", DestinationTrouble.Unavailable, "hubspot_502", null)]
    [TestCase(503, "", DestinationTrouble.Unavailable, "hubspot_503", null)]
    [TestCase(504, "", DestinationTrouble.Unavailable, "hubspot_504", null)]
    [TestCase(524, "", DestinationTrouble.Unavailable, "hubspot_524", null)]
    [TestCase(526, "", DestinationTrouble.Unavailable, "hubspot_526", null)]
    [TestCase(HubSpotFailure.NoAnswer, "", DestinationTrouble.Unavailable, "timeout", null)]
    [TestCase(HubSpotFailure.NoConnection, "", DestinationTrouble.Unavailable, "connection_failed", null)]
    [TestCase(HubSpotFailure.Unreadable, "", DestinationTrouble.Unavailable, "malformed_answer", null)]
    [TestCase(400, """{"category":"VALIDATION_ERROR","errors":[{"code":"PROPERTY_DOESNT_EXIST"}]}""", DestinationTrouble.Misconfigured, "hubspot_PROPERTY_DOESNT_EXIST", null)]
    [TestCase(400, """{"category":"VALIDATION_ERROR","message":"Unable to perform update/upsert by non-unique 0-1 property phone"}""", DestinationTrouble.Misconfigured, "hubspot_NON_UNIQUE_ID_PROPERTY", null)]
    public void Should_stop_the_destination(int status, string body, DestinationTrouble trouble, string code, int? seconds)
    {
        var judgement = Judge(status, body);

        Assert.That(judgement.Verdict, Is.EqualTo(Verdict.Stop));
        Assert.That(judgement.Condition, Is.EqualTo(new DestinationCondition(trouble, code, seconds is { } wait ? TimeSpan.FromSeconds(wait) : null)));
    }

    [TestCase(400, """{"category":"VALIDATION_ERROR","errors":[{"code":"INVALID_OPTION"}]}""", Verdict.Reject, "hubspot_INVALID_OPTION", true)]
    [TestCase(400, """{"category":"VALIDATION_ERROR","message":"Duplicate IDs found in batch input: [a@example.test]. IDs must be unique"}""", Verdict.Retry, "hubspot_DUPLICATE_IDS", true)]
    [TestCase(400, """{"message":"Unable to infer object type from: butterflies"}""", Verdict.Retry, "hubspot_400", true)]
    [TestCase(409, """{"category":"CONFLICT","message":"Contact already exists. Existing ID: 501"}""", Verdict.Adopt, "hubspot_CONFLICT", true)]
    [TestCase(400, """{"category":"VALIDATION_ERROR","message":"ann@example.test is already subscribed to subscription 39644612"}""", Verdict.Unchanged, "hubspot_ALREADY_SUBSCRIBED", false)]
    [TestCase(400, """{"category":"VALIDATION_ERROR","message":"ann@example.test is already unsubscribed from subscription 39644612"}""", Verdict.Unchanged, "hubspot_ALREADY_UNSUBSCRIBED", false)]
    [TestCase(400, """{"category":"VALIDATION_ERROR","message":"Subscription 39644612 for ann@example.test cannot be updated because they have unsubscribed"}""", Verdict.Reject, "opt_out_stands", false)]
    [TestCase(414, """{"message":"Cannot have more than 250 identities on a profile"}""", Verdict.Reject, "hubspot_414", true)]
    [TestCase(413, "", Verdict.Reject, "hubspot_413", true)]
    [TestCase(207, """{"category":"VALIDATION_ERROR"}""", Verdict.Reject, "hubspot_VALIDATION_ERROR", false)]
    [TestCase(207, """{"category":"CONFLICT"}""", Verdict.Adopt, "hubspot_CONFLICT", false)]
    [TestCase(207, """{"category":"OBJECT_NOT_FOUND"}""", Verdict.Retry, "hubspot_OBJECT_NOT_FOUND", false)]
    [TestCase(207, """{"category":"SOMETHING_NEW"}""", Verdict.Retry, "hubspot_SOMETHING_NEW", false)]
    [TestCase(418, "", Verdict.Retry, "hubspot_418", false)]
    [TestCase(302, "", Verdict.Retry, "hubspot_302", false)]
    public void Should_judge_the_record(int status, string body, Verdict verdict, string code, bool split)
        => Assert.That(Judge(status, body), Is.EqualTo(new Judgement(verdict, code, split, null)));

    [Test]
    public void Should_obey_the_wait_that_HubSpot_asks_for()
        => Assert.That(Judge(477, "", TimeSpan.FromSeconds(90)).Condition!.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(90)));

    [Test]
    public void Should_wait_for_midnight_of_the_account_when_the_day_is_used_up()
    {
        var zone = TimeZoneInfo.CreateCustomTimeZone("account", TimeSpan.FromHours(-5), "account", "account");
        var quota = new HubSpotQuota(new FakeTimeProvider(Now)) { AccountZone = zone };

        var judgement = HubSpotOutcomes.Of(new HubSpotFailure(429, HubSpotError.Parse(Bytes(Daily)), null), quota.UntilMidnight());

        // 07:00 UTC is 02:00 there.
        Assert.That(judgement.Condition!.RetryAfter, Is.EqualTo(TimeSpan.FromHours(22)));
    }

    [Test]
    public void Should_give_a_reason_and_the_vendors_page_for_every_row_and_end_with_a_default()
    {
        Assert.That(HubSpotOutcomes.Rows, Has.All.Matches<OutcomeRow>(row => row!.Reason.Length > 10 && row.Page.Host == "developers.hubspot.com"));
        Assert.That(HubSpotOutcomes.Rows[^1], Has.Property("Status").Null.And.Property("Signal").Null.And.Property("Verdict").EqualTo(Verdict.Retry));
    }

    [Test]
    public void Should_read_the_codes_that_a_message_embeds_and_nothing_else_of_it()
    {
        var error = HubSpotError.Parse(Bytes(
            """{"status":"error","category":"VALIDATION_ERROR","message":"Property values were not valid: [{\"isValid\":false,\"message\":\"canary@example.test was not valid\",\"error\":\"INVALID_EMAIL\",\"name\":\"email\"}]","context":{"objectWriteTraceId":["7"]}}"""));

        Assert.That(error.Signals, Is.EqualTo(new[] { "INVALID_EMAIL", "VALIDATION_ERROR" }));
        Assert.That(error.TraceIds, Is.EqualTo(new[] { 7L }));
    }

    [TestCase("""{"category":"canary@example.test","subCategory":"Ann Canary","policyName":"canary 1","errors":[{"code":"4711-canary"}]}""")]
    [TestCase("""["canary"]""")]
    [TestCase("""{"category":5,"errors":[7,null],"context":[1]}""")]
    public void Should_let_nothing_out_that_does_not_look_like_a_code(string body)
        => Assert.That(Judge(400, body).Code, Is.EqualTo("hubspot_400"));

    private static Judgement Judge(int status, string body, TimeSpan? retryAfter = null)
        => status == 207
            ? HubSpotOutcomes.Of(HubSpotError.Parse(Bytes(body)))
            : HubSpotOutcomes.Of(new HubSpotFailure(status, HubSpotError.Parse(Bytes(body)), retryAfter), null);

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
